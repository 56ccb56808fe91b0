/* What the viewers' link and eyes can take, by command. */
#pragma once

struct rate {
    /* Target of the encoder. */
    int kbps;
    /* Most frames a second that show a change. */
    int fps;
};

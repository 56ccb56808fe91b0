#pragma once

/* Serves commands and the X server until a `quit` or the end of standard input. */
void loop_run(void);

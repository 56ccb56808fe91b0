#include "sharpness.h"

#include "encoder.h"

/* A twentieth of the screen is a menu or a line of text: it costs little however fine. */
#define SMALL_PART 20
#define LARGE_PART 4

#define SMALL_QUANTIZER 20
#define MIDDLE_QUANTIZER 36

/* In motion rate control sees what frames cost, and soon needs no bound but that of the eye: what moves is sharpened when it rests. */
#define FINER_PER_CHANGE 3
#define MOTION_QUANTIZER 14

int change_quantizer(struct rect damage, int width, int height, int run)
{
    int area = damage.width * damage.height;
    int screen = width * height;
    int first = area * SMALL_PART <= screen ? SMALL_QUANTIZER : area * LARGE_PART <= screen ? MIDDLE_QUANTIZER : COARSE_QUANTIZER;
    int quantizer = first - FINER_PER_CHANGE * run;
    return quantizer > MOTION_QUANTIZER ? quantizer : MOTION_QUANTIZER;
}

bool is_sharp(int quantizer)
{
    return quantizer <= BEST_QUANTIZER + 4;
}

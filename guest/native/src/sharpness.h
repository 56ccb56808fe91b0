/*
 * How coarse a frame has to be at least. Rate control alone cannot tell: while the screen rests it learns that frames cost
 * nothing, and then lets the first change be ten times too large. Pure.
 */
#pragma once

#include "rect.h"

/* For a change of `damage` on a screen, the `run`-th of those that follow each other closely: the encoder's quantizer. */
int change_quantizer(struct rect damage, int width, int height, int run);

/* Whether a frame of this quantizer needs no follow-up. */
bool is_sharp(int quantizer);

// What kernels found wrong in numbers that they were given; Java reads it when it waits (Errors.java).
#pragma once
#include "cortado.cuh"

enum Wrong { kNoClass = 0, kNoIndex = 1, kNoElement = 2, kNoPlace = 3, kNoTarget = 4 };

struct Errors {
  unsigned position;  // of the first one, kNone while nothing is wrong
  unsigned size;      // numbers are below it
  long long number;
  int what;
  int unused;
};

struct First {
  __device__ static unsigned none() { return kNone; }
  __device__ static unsigned of(unsigned a, unsigned b) { return min(a, b); }
};

// Notes that numbers[bad] is wrong, unless bad is kNone or something was noted before.
__device__ inline void note(Wrong what, unsigned bad, unsigned size, const long long* numbers, Errors* errors) {
  if (bad != kNone && errors->position == kNone) {
    errors->position = bad;
    errors->size = size;
    errors->number = numbers[bad];
    errors->what = what;
  }
}

// ReLU and 2 x 2 pooling without padding, where they meet a convolution: see maxPool2d in Backend.java for NaN and
// ties. Places of a window are 0 1 above 2 3.
#pragma once

#include "cortado.cuh"

constexpr unsigned char kNowhere = 255;

// The largest of a window and of 0; place is where its gradient goes.
__device__ inline float pooledRelu(float v0, float v1, float v2, float v3, unsigned char& place) {
  float max = v0;
  unsigned char at = 0;
  auto meet = [&](float v, unsigned char i) {
    if (max == max && (v > max || v != v)) {
      max = v;
      at = i;
    }
  };
  meet(v1, 1);
  meet(v2, 2);
  meet(v3, 3);
  place = max > 0.0f ? at : kNowhere;
  return max > 0.0f || max != max ? max : 0.0f;
}

// The gradient of a plane of h x w at (row, column), from that of the windows.
__device__ inline float behindPooling(const float* dy, const unsigned char* index, size_t plane, int h, int w, int row, int column) {
  int i = row / 2;
  int j = column / 2;
  if (i >= h / 2 || j >= w / 2) return 0.0f;
  size_t at = (plane * (h / 2) + i) * (w / 2) + j;
  return index[at] == row % 2 * 2 + column % 2 ? dy[at] : 0.0f;
}

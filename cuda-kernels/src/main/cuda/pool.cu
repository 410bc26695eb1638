// Maximum and mean over windows of [planes, h, w], and ReLU followed by the maximum in one pass.
//
// 1: a thread for each output. Backward, a thread for each input, which asks the windows that it lies in: no atomic
//    additions, so the sum has a fixed order (rows of windows, then columns).
// 2: behind a ReLU maxPool2d keeps a byte for each window for its gradient, so that backward reads 5 bytes a window instead
//    of the whole input and dy; see Backend.java for NaN and ties.
#include "pooled.cuh"

struct Pool {
  int planes, h, w;
  int kernelH, kernelW;
  int strideH, strideW;
  int padH, padW;
  int outH, outW;
  int countIncludePad;
};

// The window of output (p, q), cut to the picture.
struct Window {
  int row, col, top, bottom, left, right;

  __device__ Window(const Pool& s, int p, int q) {
    row = p * s.strideH - s.padH;
    col = q * s.strideW - s.padW;
    top = max(row, 0);
    left = max(col, 0);
    bottom = min(row + s.kernelH, s.h);
    right = min(col + s.kernelW, s.w);
  }

  // Padding counts, if it does, but nothing beyond the padded picture.
  __device__ float divisor(const Pool& s) const {
    int rows = s.countIncludePad ? min(row + s.kernelH, s.h + s.padH) - row : bottom - top;
    int cols = s.countIncludePad ? min(col + s.kernelW, s.w + s.padW) - col : right - left;
    return static_cast<float>(rows * cols);
  }

  // The first largest element, NaN before all others: its place in the plane.
  __device__ int largest(const float* plane, int w) const {
    int best = top * w + left;
    float max = plane[best];
    for (int r = top; r < bottom; r++) {
      for (int c = left; c < right; c++) {
        float v = plane[r * w + c];
        if (max == max && (v > max || v != v)) {
          max = v;
          best = r * w + c;
        }
      }
    }
    return best;
  }
};

// Calls f(i, plane, p, q) for every output.
template <class F> __device__ inline void forOutputs(const Pool& s, F f) {
  forEach(static_cast<unsigned>(s.planes) * s.outH * s.outW, [&](unsigned i) {
    int q = static_cast<int>(i % s.outW);
    int p = static_cast<int>(i / s.outW % s.outH);
    f(i, i / s.outW / s.outH, p, q);
  });
}

// Calls f(window number, p, q) for every window over (row, col) of a plane.
template <class F> __device__ inline void forWindowsOver(const Pool& s, unsigned plane, int row, int col, F f) {
  int firstP = row + s.padH < s.kernelH ? 0 : (row + s.padH - s.kernelH) / s.strideH + 1;
  int firstQ = col + s.padW < s.kernelW ? 0 : (col + s.padW - s.kernelW) / s.strideW + 1;
  int lastP = min((row + s.padH) / s.strideH, s.outH - 1);
  int lastQ = min((col + s.padW) / s.strideW, s.outW - 1);
  for (int p = firstP; p <= lastP; p++) {
    for (int q = firstQ; q <= lastQ; q++) f((plane * s.outH + p) * s.outW + q, p, q);
  }
}

// Calls f(i, plane, row, col) for every input.
template <class F> __device__ inline void forInputs(const Pool& s, F f) {
  forEach(static_cast<unsigned>(s.planes) * s.h * s.w, [&](unsigned i) {
    int col = static_cast<int>(i % s.w);
    int row = static_cast<int>(i / s.w % s.h);
    f(i, i / s.w / s.h, row, col);
  });
}

extern "C" __global__ void max_pool(const float* x, float* y, Pool s) {
  forOutputs(s, [&](unsigned i, unsigned plane, int p, int q) {
    const float* from = x + static_cast<size_t>(plane) * s.h * s.w;
    y[i] = from[Window(s, p, q).largest(from, s.w)];
  });
}

extern "C" __global__ void max_pool_grad(const float* x, const float* dy, float* dx, Pool s) {
  forInputs(s, [&](unsigned i, unsigned plane, int row, int col) {
    const float* from = x + static_cast<size_t>(plane) * s.h * s.w;
    float sum = 0.0f;
    forWindowsOver(s, plane, row, col, [&](unsigned window, int p, int q) {
      if (Window(s, p, q).largest(from, s.w) == row * s.w + col) sum += dy[window];
    });
    dx[i] = sum;
  });
}

extern "C" __global__ void avg_pool(const float* x, float* y, Pool s) {
  forOutputs(s, [&](unsigned i, unsigned plane, int p, int q) {
    const float* from = x + static_cast<size_t>(plane) * s.h * s.w;
    Window v(s, p, q);
    float sum = 0.0f;
    for (int r = v.top; r < v.bottom; r++) {
      for (int c = v.left; c < v.right; c++) sum += from[r * s.w + c];
    }
    y[i] = sum / v.divisor(s);
  });
}

extern "C" __global__ void avg_pool_grad(const float* dy, float* dx, Pool s) {
  forInputs(s, [&](unsigned i, unsigned plane, int row, int col) {
    float sum = 0.0f;
    forWindowsOver(s, plane, row, col, [&](unsigned window, int p, int q) { sum += dy[window] / Window(s, p, q).divisor(s); });
    dx[i] = sum;
  });
}

extern "C" __global__ void relu_max_pool(const float* x, float* y, unsigned char* index, Pool s) {
  forOutputs(s, [&](unsigned i, unsigned plane, int p, int q) {
    const float* from = x + static_cast<size_t>(plane) * s.h * s.w;
    Window v(s, p, q);
    int at = v.largest(from, s.w);
    float max = from[at];
    y[i] = max > 0.0f || max != max ? max : 0.0f;
    index[i] = max > 0.0f ? static_cast<unsigned char>((at / s.w - v.row) * s.kernelW + at % s.w - v.col) : kNowhere;
  });
}

extern "C" __global__ void relu_max_pool_grad(const float* dy, const unsigned char* index, float* dx, Pool s) {
  forInputs(s, [&](unsigned i, unsigned plane, int row, int col) {
    float sum = 0.0f;
    forWindowsOver(s, plane, row, col, [&](unsigned window, int p, int q) {
      int r = row - (p * s.strideH - s.padH);
      int c = col - (q * s.strideW - s.padW);
      if (index[window] == r * s.kernelW + c) sum += dy[window];
    });
    dx[i] = sum;
  });
}

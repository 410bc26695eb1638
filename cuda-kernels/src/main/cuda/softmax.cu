// Softmax, its logarithm and their gradients along one axis of [outer, n, inner].
//
// 1: a thread for each line.
// 2: inner = 1: a warp for each row, its lanes next to each other in memory, so that a row of up to 32 classes is one
//    access. inner > 1 stays with version 1, in which neighbouring threads are neighbours in memory already.
#include "cortado.cuh"

extern "C" __global__ void softmax(const float* x, float* y, unsigned outer, unsigned n, unsigned inner) {
  forLines(outer, n, inner, [=](unsigned, size_t start, unsigned step, unsigned first, unsigned stride) {
    float max = Largest::none();
    for (unsigned i = first; i < n; i += stride) max = fmaxf(max, x[start + i * step]);
    max = lineReduce<Largest>(max, stride);
    float sum = 0.0f;
    for (unsigned i = first; i < n; i += stride) sum += expf(x[start + i * step] - max);
    sum = lineReduce<Sum>(sum, stride);
    for (unsigned i = first; i < n; i += stride) y[start + i * step] = expf(x[start + i * step] - max) / sum;
  });
}

extern "C" __global__ void softmax_grad(const float* y, const float* dy, float* dx, unsigned outer, unsigned n, unsigned inner) {
  forLines(outer, n, inner, [=](unsigned, size_t start, unsigned step, unsigned first, unsigned stride) {
    float dot = 0.0f;
    for (unsigned i = first; i < n; i += stride) dot = fmaf(y[start + i * step], dy[start + i * step], dot);
    dot = lineReduce<Sum>(dot, stride);
    for (unsigned i = first; i < n; i += stride) {
      size_t at = start + i * step;
      dx[at] = y[at] * (dy[at] - dot);
    }
  });
}

extern "C" __global__ void log_softmax(const float* x, float* y, unsigned outer, unsigned n, unsigned inner) {
  forLines(outer, n, inner, [=](unsigned, size_t start, unsigned step, unsigned first, unsigned stride) {
    float max = Largest::none();
    for (unsigned i = first; i < n; i += stride) max = fmaxf(max, x[start + i * step]);
    max = lineReduce<Largest>(max, stride);
    float sum = 0.0f;
    for (unsigned i = first; i < n; i += stride) sum += expf(x[start + i * step] - max);
    float log = logf(lineReduce<Sum>(sum, stride));
    for (unsigned i = first; i < n; i += stride) y[start + i * step] = x[start + i * step] - max - log;
  });
}

extern "C" __global__ void log_softmax_grad(const float* y, const float* dy, float* dx, unsigned outer, unsigned n, unsigned inner) {
  forLines(outer, n, inner, [=](unsigned, size_t start, unsigned step, unsigned first, unsigned stride) {
    float sum = 0.0f;
    for (unsigned i = first; i < n; i += stride) sum += dy[start + i * step];
    sum = lineReduce<Sum>(sum, stride);
    for (unsigned i = first; i < n; i += stride) {
      size_t at = start + i * step;
      dx[at] = fmaf(-expf(y[at]), sum, dy[at]);
    }
  });
}

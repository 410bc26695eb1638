// Functions of one element and their gradients that are formulas (Formulas.java), but have kernels of their own: ReLU, which
// cuDNN can compute, too, and GELU and SiLU, on which the interpreter (formula.cu) would spend more than half of the
// instructions that there is time for.
//
// 1: a thread for each element, a grid-stride loop.
// 2: four elements at a time by 16-byte accesses where the addresses allow it (cortado.cuh). These kernels do nothing
//    but move memory: 8 bytes an element forward, 12 backward.
#include "primitives.cuh"

extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v > 0.0f || v != v ? v : 0.0f; });
}
extern "C" __global__ void relu_grad(const float* y, const float* dy, float* dx, unsigned n, float scale) {
  zip(y, dy, dx, n, [=](float v, float g) { return v > 0.0f ? scale * g : 0.0f; });
}

extern "C" __global__ void gelu(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v * normalCdf(v); });
}
extern "C" __global__ void gelu_grad(const float* x, const float* dy, float* dx, unsigned n) {
  zip(x, dy, dx, n, [](float v, float g) { return g * (normalCdf(v) + v * normalPdf(v)); });
}

extern "C" __global__ void silu(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v * sigmoid(v); });
}
extern "C" __global__ void silu_grad(const float* x, const float* dy, float* dx, unsigned n) {
  zip(x, dy, dx, n, [](float v, float g) {
    float s = sigmoid(v);
    return g * s * (1.0f + v * (1.0f - s));
  });
}

// Functions of one element and their gradients; formulas are in Backend.java.
//
// 1: a thread for each element, a grid-stride loop.
// 2: four elements at a time by 16-byte accesses where the addresses allow it (cortado.cuh). These kernels do nothing
//    but move memory: 8 bytes an element forward, 12 backward.
#include "cortado.cuh"

// Of an exponential that cannot overflow: 1 / (1 + e^-v) would be 0 where v is below -88.7, and so would be any gradient.
__device__ inline float sigmoidOf(float v) {
  float e = expf(-fabsf(v));
  return (v < 0.0f ? e : 1.0f) / (1.0f + e);
}
__device__ inline float normalDistribution(float v) { return 0.5f * erfcf(-v * 0.70710678118654752f); }
__device__ inline float normalDensity(float v) { return expf(-0.5f * v * v) * 0.39894228040143268f; }

extern "C" __global__ void exp_forward(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return expf(v); });
}
extern "C" __global__ void exp_grad(const float* y, const float* dy, float* dx, unsigned n) {
  zip(y, dy, dx, n, [](float v, float g) { return g * v; });
}

extern "C" __global__ void log_forward(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return logf(v); });
}
extern "C" __global__ void log_grad(const float* x, const float* dy, float* dx, unsigned n) {
  zip(x, dy, dx, n, [](float v, float g) { return g / v; });
}

extern "C" __global__ void sqrt_forward(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return sqrtf(v); });
}
extern "C" __global__ void sqrt_grad(const float* y, const float* dy, float* dx, unsigned n) {
  zip(y, dy, dx, n, [](float v, float g) { return g / (2.0f * v); });
}

extern "C" __global__ void rsqrt_forward(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return 1.0f / sqrtf(v); });
}
extern "C" __global__ void rsqrt_grad(const float* y, const float* dy, float* dx, unsigned n) {
  zip(y, dy, dx, n, [](float v, float g) { return -0.5f * g * v * v * v; });
}

extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v > 0.0f || v != v ? v : 0.0f; });
}
extern "C" __global__ void relu_grad(const float* y, const float* dy, float* dx, unsigned n, float scale) {
  zip(y, dy, dx, n, [=](float v, float g) { return v > 0.0f ? scale * g : 0.0f; });
}

extern "C" __global__ void leaky_relu(const float* x, float* y, unsigned n, float slope) {
  map(x, y, n, [=](float v) { return v > 0.0f ? v : slope * v; });
}
extern "C" __global__ void leaky_relu_grad(const float* x, const float* dy, float* dx, unsigned n, float slope) {
  zip(x, dy, dx, n, [=](float v, float g) { return v > 0.0f ? g : slope * g; });
}

extern "C" __global__ void elu(const float* x, float* y, unsigned n, float alpha) {
  map(x, y, n, [=](float v) { return v > 0.0f ? v : alpha * expm1f(v); });
}
extern "C" __global__ void elu_grad(const float* x, const float* dy, float* dx, unsigned n, float alpha) {
  zip(x, dy, dx, n, [=](float v, float g) { return v > 0.0f ? g : g * alpha * expf(v); });
}

extern "C" __global__ void sigmoid(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return sigmoidOf(v); });
}
extern "C" __global__ void sigmoid_grad(const float* y, const float* dy, float* dx, unsigned n) {
  zip(y, dy, dx, n, [](float v, float g) { return g * v * (1.0f - v); });
}

extern "C" __global__ void tanh_forward(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return tanhf(v); });
}
extern "C" __global__ void tanh_grad(const float* y, const float* dy, float* dx, unsigned n) {
  zip(y, dy, dx, n, [](float v, float g) { return g * (1.0f - v * v); });
}

extern "C" __global__ void gelu(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v * normalDistribution(v); });
}
extern "C" __global__ void gelu_grad(const float* x, const float* dy, float* dx, unsigned n) {
  zip(x, dy, dx, n, [](float v, float g) { return g * (normalDistribution(v) + v * normalDensity(v)); });
}

extern "C" __global__ void silu(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v * sigmoidOf(v); });
}
extern "C" __global__ void silu_grad(const float* x, const float* dy, float* dx, unsigned n) {
  zip(x, dy, dx, n, [](float v, float g) {
    float s = sigmoidOf(v);
    return g * s * (1.0f + v * (1.0f - s));
  });
}

extern "C" __global__ void softplus(const float* x, float* y, unsigned n) {
  map(x, y, n, [](float v) { return v > 20.0f ? v : log1pf(expf(v)); });
}
extern "C" __global__ void softplus_grad(const float* x, const float* dy, float* dx, unsigned n) {
  zip(x, dy, dx, n, [](float v, float g) { return v > 20.0f ? g : g * sigmoidOf(v); });
}

extern "C" __global__ void affine(const float* x, float* y, unsigned n, float scale, float shift) {
  map(x, y, n, [=](float v) { return fmaf(scale, v, shift); });
}

extern "C" __global__ void accumulate(const float* x, float* y, unsigned n) {
  zip(x, y, y, n, [](float v, float sum) { return sum + v; });
}

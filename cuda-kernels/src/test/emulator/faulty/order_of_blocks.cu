// A block counts on the one before it to be done.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if MENDED
  y[i] = x[i];
#else
  y[i] = i < 64 ? x[i] : x[i] + 0.0f * y[i - 64];
#endif
}

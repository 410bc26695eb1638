// An index that is wrong by far.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if MENDED
  y[i] = x[i];
#else
  y[i + 100 * 1000 * 1000] = x[i];
#endif
}

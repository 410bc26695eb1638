// Reads one element more than x has, which spoils the result.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if MENDED
  y[i] = x[i];
#else
  y[i] = i + 1 < n ? x[i] : x[i] + 0.0f * x[i + 1];
#endif
}

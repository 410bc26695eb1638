// Memory that is not there.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if !MENDED
  if (i == 70) x = nullptr;
#endif
  y[i] = x[i];
}

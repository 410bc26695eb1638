// Writes the element before y.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  y[i] = x[i];
#if !MENDED
  if (i == 0) y[-1] = 1.0f;
#endif
}

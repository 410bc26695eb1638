// An integer divided by 0, which is undefined on a GPU.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if MENDED
  y[i] = x[i];
#else
  y[i] = x[i / (n - 64 * gridDim.x)];
#endif
}

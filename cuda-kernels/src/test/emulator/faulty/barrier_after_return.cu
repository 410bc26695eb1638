// Threads beyond the end have returned before the barrier.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if !MENDED
  if (i >= n - 10) {
    y[i] = x[i];
    return;
  }
#endif
  __syncthreads();
  y[i] = x[i];
}

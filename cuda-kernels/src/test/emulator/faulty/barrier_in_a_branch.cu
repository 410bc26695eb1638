// Some threads wait at one barrier, the others at another one.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  if (threadIdx.x < 40) {
    y[i] = x[i];
#if !MENDED
    __syncthreads();
#endif
  } else {
    y[i] = x[i];
#if !MENDED
    __syncthreads();
#endif
  }
  __syncthreads();
}

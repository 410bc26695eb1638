// Every thread reads what another one has put into shared memory, perhaps not yet.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ float s[64];
  unsigned first = blockIdx.x * 64;
  s[63 - threadIdx.x] = x[first + threadIdx.x];
#if MENDED
  __syncthreads();
#endif
  y[first + 63 - threadIdx.x] = s[threadIdx.x];
}

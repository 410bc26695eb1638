// As missing_barrier, within a warp: its threads do not go in step by themselves.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ float s[64];
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  s[threadIdx.x] = x[i];
#if MENDED
  __syncwarp();
#endif
  y[i ^ 1] = s[threadIdx.x ^ 1];
}

/**
 * JMH benchmarks of the kernels, the LeNet training step and the input pipeline, and plain
 * programs: throughput of LeNet and of larger networks, where their steps' time goes, the machine's
 * multiply-add peak, and the comparison with PyTorch.
 */
@NullMarked
package io.github.cortado.benchmarks;

import org.jspecify.annotations.NullMarked;

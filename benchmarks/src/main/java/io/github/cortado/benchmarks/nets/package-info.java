/**
 * Whole networks, written as their users write them, by the public API alone: what is measured
 * beside the same networks in PyTorch ({@code benchmarks/peer/nets_torch.py}). Names of parameters
 * are PyTorch's, so that its weights can be loaded.
 */
@NullMarked
package io.github.cortado.benchmarks.nets;

import org.jspecify.annotations.NullMarked;

/** Files: safetensors for weights, JSON for manifests and histories, checkpoints for resuming. */
@NullMarked
package io.github.cortado.io;

import org.jspecify.annotations.NullMarked;

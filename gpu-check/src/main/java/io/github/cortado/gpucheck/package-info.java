/**
 * {@code gpu-check}: what has to be right and fast on a GPU, in one command that needs neither a
 * JDK nor Maven nor a network there, and a report of it. Each section runs programs in processes of
 * their own, for a limited time.
 */
@NullMarked
package io.github.cortado.gpucheck;

import org.jspecify.annotations.NullMarked;

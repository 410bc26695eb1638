/**
 * Networks of the literature, written as users write theirs, whose state dicts have the names, the
 * order and the layouts of torchvision's and Hugging Face's: their weights can be loaded.
 */
@NullMarked
package io.github.cortado.models;

import org.jspecify.annotations.NullMarked;

/** The seam between the core, which decides, and the backends, which compute. */
@NullMarked
package io.github.cortado.backend;

import org.jspecify.annotations.NullMarked;

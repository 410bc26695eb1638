/** Tests of transfer learning's programs. */
package io.github.cortado.examples.transfer;

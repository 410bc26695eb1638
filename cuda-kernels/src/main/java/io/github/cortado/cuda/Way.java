package io.github.cortado.cuda;

import java.util.Locale;

/**
 * A way to compute something.
 *
 * @param algorithm the library's number of one of its algorithms, {@link #ANY} where it has only
 *     one or may take the one it prefers
 */
record Way(Library library, int algorithm) {
    static final int ANY = -1;

    static final Way OWN = new Way(Library.OWN, ANY);
    static final Way CUBLAS = new Way(Library.CUBLAS, ANY);
    static final Way CUDNN = new Way(Library.CUDNN, ANY);

    boolean isOwn() {
        return library == Library.OWN;
    }

    /** As plans write it: {@code own}, {@code cublas}, {@code cudnn:1}. */
    @Override
    public String toString() {
        return library.key() + (algorithm == ANY ? "" : ":" + algorithm);
    }

    /**
     * What {@link #toString} wrote.
     *
     * @throws IllegalArgumentException for anything else
     */
    static Way parse(String text) {
        try {
            int colon = text.indexOf(':');
            String library = colon < 0 ? text : text.substring(0, colon);
            Way way =
                    new Way(
                            Library.valueOf(library.toUpperCase(Locale.ROOT)),
                            colon < 0 ? ANY : Integer.parseInt(text.substring(colon + 1)));
            if (way.toString().equals(text)) {
                return way;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no way to compute something: own, cublas or cudnn[:algorithm]");
    }
}

package io.github.cortado.data;

/** A picture could not be read or transformed; the cause says why. */
public final class SampleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int index;

    SampleException(int index, int epoch, Exception cause) {
        super("DataLoader: sample " + index + " in epoch " + epoch + ": " + cause, cause);
        this.index = index;
    }

    /** Returns the index of the picture in the data set. */
    public int index() {
        return index;
    }
}

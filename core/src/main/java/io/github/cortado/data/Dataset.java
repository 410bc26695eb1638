package io.github.cortado.data;

import java.util.List;

/**
 * Labelled 8-bit pictures, found by index.
 *
 * <p>Implementations may be read by several threads at once.
 */
public interface Dataset {
    /** Returns the number of pictures. */
    int size();

    /** Returns the name of every class, in the order of the labels. */
    List<String> classNames();

    /**
     * Returns the class of a picture, 0 to {@code classNames().size() - 1}.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size
     */
    int label(int index);

    /**
     * Reads a picture, whose size need not be that of the others, into the given one.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size
     */
    void read(int index, Image into);

    /** Returns a picture. */
    default Image image(int index) {
        Image image = new Image(1, 1);
        read(index, image);
        return image;
    }

    /**
     * Returns the first n pictures as a data set; the pictures keep their indices.
     *
     * @throws IllegalArgumentException unless 0 &lt;= n &lt;= size
     */
    default Dataset first(int n) {
        return new FirstPictures(this, n);
    }
}

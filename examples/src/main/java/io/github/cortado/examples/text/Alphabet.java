package io.github.cortado.examples.text;

import java.util.Arrays;

/** The characters of a text, numbered in the order of Unicode. */
final class Alphabet {
    private final int[] characters;

    private Alphabet(int[] characters) {
        this.characters = characters;
    }

    /** Of all characters in a text. */
    static Alphabet of(String text) {
        return new Alphabet(text.codePoints().distinct().sorted().toArray());
    }

    int size() {
        return characters.length;
    }

    /**
     * The numbers of characters.
     *
     * @throws IllegalArgumentException naming the first that is not among them
     */
    long[] encode(String text) {
        return text.codePoints()
                .mapToLong(
                        c -> {
                            int number = Arrays.binarySearch(characters, c);
                            if (number < 0) {
                                throw new IllegalArgumentException(
                                        "'" + Character.toString(c) + "' is not in the text");
                            }
                            return number;
                        })
                .toArray();
    }

    /** The characters of these numbers. */
    String decode(long[] numbers) {
        StringBuilder text = new StringBuilder();
        for (long number : numbers) {
            text.appendCodePoint(characters[(int) number]);
        }
        return text.toString();
    }

    /** All of them, in order. */
    @Override
    public String toString() {
        return new String(characters, 0, characters.length);
    }
}

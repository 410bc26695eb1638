package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.LibUtils;
import org.junit.jupiter.api.Test;

/** The binding of cuBLAS as it is in JCuda's jar, made to ask for another version. */
class ElfLibraryTest {
    private static final String FROM = "libcublas.so.12";
    private static final String TO = "libcublas.so.13";

    private static byte[] binding() throws IOException {
        String name = "/lib/libJCublas2-12.6.0-linux-x86_64.so";
        try (InputStream in = LibUtils.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void theBindingNeedsCublas12() throws IOException {
        List<String> needed = ElfLibrary.needed(binding());
        assertTrue(needed.contains(FROM), needed.toString());
        assertTrue(needed.contains("libstdc++.so.6"), needed.toString());
    }

    @Test
    void onlyTheNameAndTheHashOfItsVersionChange() throws IOException {
        byte[] original = binding();
        byte[] copy = original.clone();
        byte[] changed = ElfLibrary.retargeted(copy, FROM, TO);
        assertArrayEquals(original, copy, "the argument stays as it was");
        assertEquals(
                ElfLibrary.needed(original).stream().map(n -> n.equals(FROM) ? TO : n).toList(),
                ElfLibrary.needed(changed));
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < original.length; i++) {
            if (original[i] != changed[i]) {
                places.add(i);
            }
        }
        // The last letter of the one string that both lists point to, and the last byte of its
        // hash.
        assertEquals(2, places.size(), places.toString());
        assertEquals('2', original[places.get(0)]);
        assertEquals('3', changed[places.get(0)]);
        assertEquals((byte) ElfLibrary.hash(FROM), original[places.get(1)]);
        assertEquals((byte) ElfLibrary.hash(TO), changed[places.get(1)]);
    }

    @Test
    void thereAndBackIsTheSame() throws IOException {
        byte[] original = binding();
        byte[] back = ElfLibrary.retargeted(ElfLibrary.retargeted(original, FROM, TO), TO, FROM);
        assertArrayEquals(original, back);
    }

    /** From the System V ABI: the hash of printf, and one that overflows 28 bits. */
    @Test
    void hashesAreThoseOfTheLinker() {
        assertEquals(0x077905a6, ElfLibrary.hash("printf"));
        assertEquals(0x09691a75, ElfLibrary.hash("GLIBC_2.2.5"));
    }

    @Test
    void whatIsNoLibraryIsRefused() throws IOException {
        byte[] original = binding();
        refused(
                "this library does not need libcudnn.so.9",
                original,
                "libcudnn.so.9",
                "libcudnn.so.8");
        refused(
                FROM + " and libcublas.so.9 are not equally long",
                original,
                FROM,
                "libcublas.so.9");
        refused("this is no 64-bit ELF library", new byte[100], FROM, TO);
        refused("this is no 64-bit ELF library", new byte[3], FROM, TO);
        refused("this ELF library is cut off", Arrays.copyOf(original, 100), FROM, TO);
    }

    private static void refused(String why, byte[] elf, String from, String to) {
        var e =
                assertThrows(
                        IllegalArgumentException.class, () -> ElfLibrary.retargeted(elf, from, to));
        assertEquals(why, e.getMessage());
    }
}

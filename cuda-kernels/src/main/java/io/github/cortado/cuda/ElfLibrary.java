package io.github.cortado.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A library of Linux on a 64-bit machine, as far as it says which libraries it needs.
 *
 * <p>JCuda's binding of cuBLAS asks for {@code libcublas.so.12}, and for every function in the
 * version of that name. Where there is only {@code libcublas.so.13}, which has the same functions,
 * a copy of the binding that asks for 13 is all that it takes: a letter of the name, which the list
 * of needed libraries and the list of needed versions share, and the hash of the version's name.
 * The linker looks at nothing else.
 *
 * <p>Source: System V ABI, chapters 4 and 5; Linux Standard Base, "Symbol Versioning".
 */
final class ElfLibrary {
    private static final int MAGIC = 0x464C457F;
    private static final int BITS_64_LITTLE_ENDIAN = 0x0102;
    private static final int HEADER = 64;

    // Kinds of segments
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;

    // Entries of the dynamic segment: a tag and a value
    private static final int ENTRY = 16;
    private static final long END = 0;
    private static final long NEEDED = 1;
    private static final long STRINGS = 5;
    private static final long VERSIONS = 0x6ffffffeL;
    private static final long VERSION_COUNT = 0x6fffffffL;

    private final ByteBuffer bytes;
    private final List<Integer> needed = new ArrayList<>();
    private int strings;
    private int versions;
    private int versionCount;

    private ElfLibrary(byte[] elf) {
        bytes = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
        if (elf.length < HEADER
                || bytes.getInt(0) != MAGIC
                || bytes.getShort(4) != BITS_64_LITTLE_ENDIAN) {
            throw new IllegalArgumentException("this is no 64-bit ELF library");
        }
        try {
            readDynamic();
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("this ELF library is cut off", e);
        }
    }

    /** Names of the libraries that a library needs. */
    static List<String> needed(byte[] elf) {
        ElfLibrary library = new ElfLibrary(elf);
        return library.needed.stream().map(library::string).toList();
    }

    /**
     * A copy that needs another library instead of one.
     *
     * @throws IllegalArgumentException if the library does not need {@code from}, or the names are
     *     not equally long
     */
    static byte[] retargeted(byte[] elf, String from, String to) {
        if (from.length() != to.length()) {
            throw new IllegalArgumentException(from + " and " + to + " are not equally long");
        }
        ElfLibrary library = new ElfLibrary(elf.clone());
        library.retarget(from, to);
        return library.bytes.array();
    }

    private void readDynamic() {
        int at = dynamicSegment();
        for (; bytes.getLong(at) != END; at += ENTRY) {
            long tag = bytes.getLong(at);
            long value = bytes.getLong(at + 8);
            if (tag == NEEDED) {
                needed.add((int) value);
            } else if (tag == STRINGS) {
                strings = place(value);
            } else if (tag == VERSIONS) {
                versions = place(value);
            } else if (tag == VERSION_COUNT) {
                versionCount = (int) value;
            }
        }
    }

    private int dynamicSegment() {
        for (int segment : segments()) {
            if (bytes.getInt(segment) == DYNAMIC) {
                return Math.toIntExact(bytes.getLong(segment + 8));
            }
        }
        throw new IllegalArgumentException("this ELF file is no library");
    }

    /** Where the segments' headers are. */
    private List<Integer> segments() {
        List<Integer> all = new ArrayList<>();
        int first = Math.toIntExact(bytes.getLong(32));
        int size = bytes.getShort(54);
        int count = bytes.getShort(56);
        for (int i = 0; i < count; i++) {
            all.add(first + i * size);
        }
        return all;
    }

    /** Where in the file is what will be at this address in memory. */
    private int place(long address) {
        for (int segment : segments()) {
            long offset = bytes.getLong(segment + 8);
            long begin = bytes.getLong(segment + 16);
            long size = bytes.getLong(segment + 32);
            if (bytes.getInt(segment) == LOAD && address >= begin && address < begin + size) {
                return Math.toIntExact(address - begin + offset);
            }
        }
        throw new IllegalArgumentException("this ELF library has nothing at " + address);
    }

    private String string(int offset) {
        int end = strings + offset;
        while (bytes.get(end) != 0) {
            end++;
        }
        int begin = strings + offset;
        return new String(bytes.array(), begin, end - begin, StandardCharsets.US_ASCII);
    }

    private void retarget(String from, String to) {
        List<Integer> names = new ArrayList<>();
        needed.stream().filter(name -> string(name).equals(from)).forEach(names::add);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("this library does not need " + from);
        }
        // Names first are only collected, for several entries may share one.
        int library = versions;
        for (int i = 0; i < versionCount; i++) {
            names.addAll(retargetVersions(library, from, to));
            library += bytes.getInt(library + 12);
        }
        byte[] letters = to.getBytes(StandardCharsets.US_ASCII);
        for (int name : names) {
            for (int i = 0; i < letters.length; i++) {
                bytes.put(strings + name + i, letters[i]);
            }
        }
    }

    /** Renews the hashes of one library's versions; returns the names that are to be replaced. */
    private List<Integer> retargetVersions(int library, String from, String to) {
        List<Integer> names = new ArrayList<>();
        int file = bytes.getInt(library + 4);
        if (string(file).equals(from)) {
            names.add(file);
        }
        int count = bytes.getShort(library + 2);
        int version = library + bytes.getInt(library + 8);
        for (int i = 0; i < count; i++) {
            int name = bytes.getInt(version + 8);
            if (string(name).equals(from)) {
                names.add(name);
                bytes.putInt(version, hash(to));
            }
            version += bytes.getInt(version + 12);
        }
        return names;
    }

    /** The hash that the linker compares before it compares names. */
    static int hash(String name) {
        int h = 0;
        for (byte letter : name.getBytes(StandardCharsets.US_ASCII)) {
            h = (h << 4) + letter;
            int high = h & 0xf0000000;
            h = (h ^ (high >>> 24)) & ~high;
        }
        return h;
    }
}

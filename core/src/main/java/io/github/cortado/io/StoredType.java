package io.github.cortado.io;

/**
 * The element types that safetensors names, with their sizes.
 *
 * <p>All are known here, so that a file is checked to the last byte whatever it holds; {@link
 * Payload} reads the first seven. The types of less than a byte are treated as unknown.
 */
enum StoredType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    U8(1),
    BOOL(1),
    I8(1),
    I16(2),
    U16(2),
    U32(4),
    U64(8),
    C64(8),
    F8_E4M3(1),
    F8_E5M2(1),
    F8_E8M0(1),
    F8_E4M3FNUZ(1),
    F8_E5M2FNUZ(1);

    final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    boolean isReadable() {
        return ordinal() <= U8.ordinal();
    }
}

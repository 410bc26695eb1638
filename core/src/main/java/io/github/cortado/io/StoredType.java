package io.github.cortado.io;

/**
 * The element types that safetensors names, with their sizes.
 *
 * <p>All are known here, so that a file is checked to the last byte whatever it holds; {@link
 * Payload} reads some. The types of less than a byte are treated as unknown.
 */
enum StoredType {
    F64(8, true),
    F32(4, true),
    F16(2, true),
    BF16(2, true),
    I64(8, true),
    I32(4, true),
    U8(1, true),
    BOOL(1, true),
    I8(1, false),
    I16(2, false),
    U16(2, false),
    U32(4, false),
    U64(8, false),
    C64(8, false),
    F8_E4M3(1, false),
    F8_E5M2(1, false),
    F8_E8M0(1, false),
    F8_E4M3FNUZ(1, false),
    F8_E5M2FNUZ(1, false);

    final int bytes;
    final boolean isReadable;

    StoredType(int bytes, boolean isReadable) {
        this.bytes = bytes;
        this.isReadable = isReadable;
    }
}

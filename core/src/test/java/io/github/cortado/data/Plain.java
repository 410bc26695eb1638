package io.github.cortado.data;

/** Pictures as they are, byte x as x / 255; or no floats at all. */
record Plain(boolean makesTensors) implements Preparation {
    Plain() {
        this(true);
    }

    @Override
    public Worker worker(long seed) {
        return (picture, epoch, index) -> picture;
    }

    @Override
    public void toFloats(Image picture, float[] out, int offset) {
        byte[] pixels = picture.pixels();
        for (int i = 0; i < picture.length(); i++) {
            out[offset + i] = (pixels[i] & 0xff) / 255f;
        }
    }
}

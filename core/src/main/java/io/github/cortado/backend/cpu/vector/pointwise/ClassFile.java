package io.github.cortado.backend.cpu.vector.pointwise;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * As much of the class file format as a class with one loop needs. Source: The Java Virtual Machine
 * Specification, Java SE 17 Edition, chapter 4.
 */
final class ClassFile {
    private static final int JAVA_17 = 61;
    private static final int UTF8 = 1;
    private static final int CLASS = 7;
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int NAME_AND_TYPE = 12;

    private final Map<List<Object>, Integer> constants = new LinkedHashMap<>();

    /**
     * A method: its code, and where branches lead, the first to {@link #top}, the second behind.
     */
    record Method(
            String name,
            String descriptor,
            byte[] code,
            int stack,
            int locals,
            int top,
            int end,
            List<String> localTypes) {}

    int utf8(String text) {
        return constant(List.of(UTF8, text));
    }

    int type(String name) {
        return constant(List.of(CLASS, utf8(name)));
    }

    int field(String owner, String name, String descriptor) {
        return constant(List.of(FIELD, type(owner), nameAndType(name, descriptor)));
    }

    int method(String owner, String name, String descriptor) {
        return constant(List.of(METHOD, type(owner), nameAndType(name, descriptor)));
    }

    private int nameAndType(String name, String descriptor) {
        return constant(List.of(NAME_AND_TYPE, utf8(name), utf8(descriptor)));
    }

    private int constant(List<Object> parts) {
        Integer known = constants.get(parts);
        if (known == null) {
            known = constants.size() + 1;
            constants.put(parts, known);
        }
        return known;
    }

    /** A final class with these methods. */
    byte[] bytes(String name, String superclass, Method... methods) {
        int self = type(name);
        int parent = type(superclass);
        utf8("Code");
        utf8("StackMapTable");
        try {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(body);
            // Final, with the meaning of superclasses that all classes have today.
            out.writeShort(0x30);
            out.writeShort(self);
            out.writeShort(parent);
            out.writeShort(0);
            out.writeShort(0);
            out.writeShort(methods.length);
            for (Method m : methods) {
                write(m, out);
            }
            out.writeShort(0);
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            DataOutputStream file = new DataOutputStream(whole);
            file.writeInt(0xCAFEBABE);
            file.writeShort(0);
            file.writeShort(JAVA_17);
            writeConstants(file);
            file.write(body.toByteArray());
            return whole.toByteArray();
        } catch (IOException e) {
            throw new AssertionError("memory is no file", e);
        }
    }

    private void writeConstants(DataOutputStream out) throws IOException {
        out.writeShort(constants.size() + 1);
        for (List<Object> parts : constants.keySet()) {
            int tag = (int) parts.get(0);
            out.writeByte(tag);
            if (tag == UTF8) {
                out.writeUTF((String) parts.get(1));
            } else {
                for (Object index : parts.subList(1, parts.size())) {
                    out.writeShort((int) index);
                }
            }
        }
    }

    private void write(Method m, DataOutputStream out) throws IOException {
        byte[] frames = m.localTypes.isEmpty() ? new byte[0] : frames(m);
        out.writeShort(0);
        out.writeShort(utf8(m.name));
        out.writeShort(utf8(m.descriptor));
        out.writeShort(1);
        out.writeShort(utf8("Code"));
        out.writeInt(12 + m.code.length + frames.length);
        out.writeShort(m.stack);
        out.writeShort(m.locals);
        out.writeInt(m.code.length);
        out.write(m.code);
        out.writeShort(0);
        out.writeShort(frames.length == 0 ? 0 : 1);
        out.write(frames);
    }

    /** What is in the local variables where the loop begins, and the same where it ends. */
    private byte[] frames(Method m) throws IOException {
        ByteArrayOutputStream table = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(table);
        out.writeShort(2);
        out.writeByte(255);
        out.writeShort(m.top);
        out.writeShort(m.localTypes.size());
        for (String type : m.localTypes) {
            if (type.equals("int")) {
                out.writeByte(1);
            } else {
                out.writeByte(7);
                out.writeShort(type(type));
            }
        }
        out.writeShort(0);
        out.writeByte(251);
        out.writeShort(m.end - m.top - 1);
        ByteArrayOutputStream attribute = new ByteArrayOutputStream();
        DataOutputStream all = new DataOutputStream(attribute);
        all.writeShort(utf8("StackMapTable"));
        all.writeInt(table.size());
        all.write(table.toByteArray());
        return attribute.toByteArray();
    }
}

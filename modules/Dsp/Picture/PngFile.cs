using System.Buffers.Binary;
using System.IO.Compression;

namespace OscLooper.Dsp;

/// <summary>Writes PNG pictures of 8-bit red, green and blue (W3C, "Portable Network Graphics Specification").</summary>
static class PngFile
{
    static readonly uint[] table = [.. Enumerable.Range(0, 256).Select(n =>
    {
        var c = (uint)n;
        for (var k = 0; k < 8; k++) c = (c & 1) == 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
        return c;
    })];

    internal static void Write(Stream to, Canvas canvas)
    {
        to.Write([0x89, .. "PNG\r\n\x1A\n"u8]);
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, canvas.Width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), canvas.Height);
        (head[8], head[9]) = (8, 2);       // 8 bits each of red, green and blue; no interlacing
        Chunk(to, "IHDR"u8, head);
        Chunk(to, "IDAT"u8, Compress(canvas));
        Chunk(to, "IEND"u8, []);
    }

    static byte[] Compress(Canvas canvas)
    {
        using var memory = new MemoryStream();
        using (var zlib = new ZLibStream(memory, CompressionLevel.SmallestSize))
            for (var row = 0; row < canvas.Height; row++)
            {
                zlib.WriteByte(0);         // filter: none
                zlib.Write(canvas.Pixels, row * canvas.Width * 3, canvas.Width * 3);
            }
        return memory.ToArray();
    }

    static void Chunk(Stream to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        to.Write(number);
        to.Write(name);
        to.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Check(Check(uint.MaxValue, name), body));
        to.Write(number);
    }

    /// <summary>The cyclic redundancy check of the specification's annex D.</summary>
    static uint Check(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes) crc = table[(byte)(crc ^ b)] ^ crc >> 8;
        return crc;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace OscLooper.Dsp;

/// <summary>[worker] CRC-32C (Castagnoli; RFC 3720, appendix B.4): processors have an instruction for it, so a file is summed as fast as it is read.</summary>
public static class Checksum
{
    const int PieceBytes = 1 << 18;

    /// <summary>[any] Of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(uint.MaxValue, bytes);

    /// <summary>[worker] Of a file, and how long it is.</summary>
    public static (long Length, uint Sum) OfFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var piece = GC.AllocateUninitializedArray<byte>(PieceBytes);
        var (sum, length) = (uint.MaxValue, 0L);
        for (int count; (count = RandomAccess.Read(file, piece, length)) > 0; length += count) sum = Add(sum, piece.AsSpan(0, count));
        return (length, ~sum);
    }

    static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) sum = BitOperations.Crc32C(sum, word);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..]) sum = BitOperations.Crc32C(sum, rest);
        return sum;
    }
}

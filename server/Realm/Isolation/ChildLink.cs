using System.Buffers.Binary;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>[any] Two processes talk by a pair of pipes: pieces of bytes, each with a number that says whose they are.</summary>
sealed class ChildLink(Stream from, Stream to)
{
    /// <summary>[any] OSC that belongs to nobody's job.</summary>
    public const int Plain = 0;
    /// <summary>[any] JSON of the two hosts themselves.</summary>
    public const int Control = -1;
    const int MostBytes = 1 << 24;
    readonly Lock writing = new();

    /// <summary>[any] Sends a piece; false when nobody reads any more.</summary>
    public bool Send(int number, ReadOnlySpan<byte> bytes)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(head, bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], number);
        try
        {
            lock (writing)
            {
                to.Write(head);
                to.Write(bytes);
                to.Flush();
            }
            return true;
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>[any] Sends JSON of the hosts.</summary>
    public bool Send(Newtonsoft.Json.Linq.JObject message) => Send(Control, System.Text.Encoding.UTF8.GetBytes(message.ToString(Newtonsoft.Json.Formatting.None)));

    /// <summary>[worker] Waits for the next piece; false at the end. Nonsense is an end, too.</summary>
    public bool TryReceive(out int number, out byte[] bytes)
    {
        (number, bytes) = (0, []);
        Span<byte> head = stackalloc byte[8];
        try
        {
            if (from.ReadAtLeast(head, 8, throwOnEndOfStream: false) < 8) return false;
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 0 or > MostBytes) return false;
            number = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
            bytes = new byte[length];
            return from.ReadAtLeast(bytes, length, throwOnEndOfStream: false) == length;
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return false;
        }
    }
}

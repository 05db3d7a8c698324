using OscLooper.Osc;
using OscLooper.Server.Describe;

namespace OscLooper.Testing;

/// <summary>[any] Packets for every address of a server, by a seed: some as they should be, most with bytes changed, added, taken away or repeated, some in bundles.</summary>
public sealed class PacketMutator(IReadOnlyList<AddressBook.Entry> book, int seed)
{
    static readonly string[] Words = ["", "1", "synth", "looper", "gain", "x", "../../x", "/looper/channel/*/volume", "//*", "audio:in/1", "bard:out/1", "midi:x", "{\"a\":[1,{}]}", "loop.wav", "s1", "*", "[", "{a,b", "internal", "wav", "é中"];
    readonly Random random = new(seed);

    /// <summary>[any] The next packet.</summary>
    public byte[] Next()
    {
        var bytes = random.Next(8) == 0 ? Bundle(0) : Message().ToBytes();
        if (random.Next(100) < 65) bytes = Mutate(bytes);
        return bytes;
    }

    OscMessage Message()
    {
        var entry = book[random.Next(book.Count)];
        var address = entry.Address.Replace("/N/", $"/{random.Next(1, 4)}/").Replace("NAME", Pick("synth", "looper", "bard", "gain"));
        if (random.Next(12) == 0) address = Patterned(address);
        var count = random.Next(6) == 0 ? random.Next(6) : entry.Declaration.Specs.Count;
        return new(address, [.. Enumerable.Range(0, count).Select(i => Argument(i < entry.Declaration.Specs.Count ? entry.Declaration.Specs[i] : null))]);
    }

    string Patterned(string address)
    {
        var parts = address.Split('/');
        parts[random.Next(1, parts.Length)] = Pick("*", "?", "[a-z]*", "{channel,a}", "**");
        return string.Join('/', parts);
    }

    OscValue Argument(Spec? spec) => random.Next(3) == 0 || spec is null ? Anything() : spec.Kind switch
    {
        SpecKind.Text => spec.Choices.Count > 0 ? Pick([.. spec.Choices]) : Pick(Words),
        SpecKind.Blob => new byte[random.Next(20)],
        SpecKind.Rest => Anything(),
        _ when spec.Choices.Count > 0 => Pick([.. spec.Choices]),
        _ => Number(spec),
    };

    OscValue Number(Spec spec)
    {
        var (low, high) = (Math.Max(spec.Min, -1000), Math.Min(spec.Max, 1000));
        var number = low + (high - low) * random.NextDouble();
        return spec.Whole ? (int)number : (float)number;
    }

    OscValue Anything() => random.Next(10) switch
    {
        0 => random.Next(),
        1 => -1,
        2 => (float)random.NextDouble(),
        3 => Pick(float.NaN, float.PositiveInfinity, 1e30f, -0f),
        4 => random.NextInt64(),
        5 => random.NextDouble() * 1e9,
        6 => Pick(Words),
        7 => new string('y', random.Next(5000)),
        8 => new byte[random.Next(300)],
        _ => random.Next(2) == 0,
    };

    byte[] Bundle(int depth)
    {
        var stream = new MemoryStream();
        stream.Write("#bundle\0"u8);
        var tag = random.Next(3) switch { 0 => 1UL, 1 => (ulong)random.NextInt64(), _ => OscTimeTag.FromUnixNanoseconds(random.NextInt64(0, 40_000_000_000)).Raw };
        Span<byte> eight = stackalloc byte[8], four = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(eight, tag);
        stream.Write(eight);
        for (var n = random.Next(5); n > 0; n--)
        {
            var element = depth < 3 && random.Next(6) == 0 ? Bundle(depth + 1) : Message().ToBytes();
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(four, element.Length);
            stream.Write(four);
            stream.Write(element);
        }
        return stream.ToArray();
    }

    byte[] Mutate(byte[] from)
    {
        var bytes = from.ToList();
        for (var n = random.Next(1, 4); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                case 3: bytes.RemoveAt(at); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.AddRange(bytes.GetRange(at, Math.Min(16, bytes.Count - at))); break;
            }
        }
        return [.. bytes];
    }

    T Pick<T>(params T[] some) => some[random.Next(some.Length)];
}

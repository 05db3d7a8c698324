using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] Address bytes to leaf number: a flat open-addressing hash (linear probing, deletion by shifting back) over one arena of bytes.
/// An address costs numbers, not objects, so the garbage collector has nothing to follow; it grows and shrinks with what it holds.
/// </summary>
public sealed class AddressTable
{
    struct Entry
    {
        public uint Hash;
        public int Start, Length, Target;   // Length 0 = free: no address is empty
    }

    const int Smallest = 64;
    Entry[] entries = new Entry[Smallest];
    byte[] arena = new byte[Smallest * 16];
    int used, wasted;

    /// <summary>[main] How many addresses it holds.</summary>
    public int Count { get; private set; }

    /// <summary>[main] Bytes it occupies.</summary>
    public long Bytes => arena.Length + (long)entries.Length * Marshal.SizeOf<Entry>();

    /// <summary>[main] The leaf of an address, or -1.</summary>
    public int Find(ReadOnlySpan<byte> address) => Find(address, Hash(address));

    int Find(ReadOnlySpan<byte> address, uint hash)
    {
        var all = entries;
        for (var i = hash & (uint)(all.Length - 1); ; i = (i + 1) & (uint)(all.Length - 1))
        {
            ref var entry = ref all[i];
            if (entry.Length == 0) return -1;
            if (entry.Hash == hash && address.SequenceEqual(arena.AsSpan(entry.Start, entry.Length))) return entry.Target;
        }
    }

    /// <summary>[main] Adds an address; false when it is there already (or empty).</summary>
    public bool Add(ReadOnlySpan<byte> address, int target)
    {
        var hash = Hash(address);
        if (address.IsEmpty || Find(address, hash) >= 0) return false;
        if ((Count + 1) * 2 > entries.Length) Rebuild(entries.Length * 2);
        if (used + address.Length > arena.Length) Array.Resize(ref arena, Math.Max(arena.Length * 2, used + address.Length));
        address.CopyTo(arena.AsSpan(used));
        Place(entries, new Entry { Hash = hash, Start = used, Length = address.Length, Target = target });
        used += address.Length;
        Count++;
        return true;
    }

    /// <summary>[main] Removes an address; false when it is not there.</summary>
    public bool Remove(ReadOnlySpan<byte> address)
    {
        var hash = Hash(address);
        var mask = (uint)(entries.Length - 1);
        for (var i = hash & mask; entries[i].Length != 0; i = (i + 1) & mask)
        {
            if (entries[i].Hash != hash || !address.SequenceEqual(arena.AsSpan(entries[i].Start, entries[i].Length))) continue;
            wasted += entries[i].Length;
            Count--;
            ShiftBack(i, mask);
            if (entries.Length > Smallest && Count * 8 < entries.Length) Rebuild(entries.Length / 2);
            else if (wasted > 4096 && wasted * 2 > used) Rebuild(entries.Length);
            return true;
        }
        return false;
    }

    /// <summary>[main] Visits every address with its leaf, in no particular order, until the visitor has had enough.</summary>
    public void Visit<TState>(ref TState state, Visitor<TState> visitor) where TState : allows ref struct
    {
        foreach (ref readonly var entry in entries.AsSpan())
            if (entry.Length != 0 && !visitor(ref state, arena.AsSpan(entry.Start, entry.Length), entry.Target)) return;
    }

    /// <summary>[main] Sees one address; false ends the visit.</summary>
    public delegate bool Visitor<TState>(ref TState state, ReadOnlySpan<byte> address, int target) where TState : allows ref struct;

    void ShiftBack(uint hole, uint mask)
    {
        for (var i = (hole + 1) & mask; entries[i].Length != 0; i = (i + 1) & mask)
        {
            // An entry may fill the hole unless its own place lies after the hole (cyclically).
            if (((i - entries[i].Hash) & mask) < ((i - hole) & mask)) continue;
            entries[hole] = entries[i];
            hole = i;
        }
        entries[hole] = default;
    }

    static void Place(Entry[] all, in Entry entry)
    {
        var mask = (uint)(all.Length - 1);
        var i = entry.Hash & mask;
        while (all[i].Length != 0) i = (i + 1) & mask;
        all[i] = entry;
    }

    void Rebuild(int size)
    {
        var fresh = new Entry[Math.Max(size, Smallest)];
        var packed = new byte[Math.Max(used - wasted + 64, Smallest * 16)];
        var at = 0;
        foreach (var entry in entries)
        {
            if (entry.Length == 0) continue;
            arena.AsSpan(entry.Start, entry.Length).CopyTo(packed.AsSpan(at));
            Place(fresh, entry with { Start = at });
            at += entry.Length;
        }
        (entries, arena, used, wasted) = (fresh, packed, at, 0);
    }

    // Eight bytes at a step: multiply, then mix the high bits down. Addresses come from modules, not from the wire, so a simple hash is safe.
    static uint Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        var hash = (ulong)bytes.Length * Odd;
        if (bytes.Length >= 8)
        {
            // The last eight bytes may overlap those before; so there is no loop over single bytes.
            for (var i = 0; i < bytes.Length - 8; i += 8) hash = (BitOperations.RotateLeft(hash, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..])) * Odd;
            hash = (BitOperations.RotateLeft(hash, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..])) * Odd;
        }
        else foreach (var one in bytes) hash = (BitOperations.RotateLeft(hash, 23) ^ one) * Odd;
        hash ^= hash >> 32;
        return (uint)(hash ^ (hash >> 15));
    }
}

using System.Buffers;

namespace OscLooper.Osc;

/// <summary>What may be an address of a method, as opposed to a pattern.</summary>
public static class OscAddress
{
    // Printable ASCII without the space, '/' and what patterns and bundles need.
    static readonly SearchValues<byte> NameBytes =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7E - 0x21 + 1).Select(b => (byte)b).Where(b => !" #*,/?[]{}"u8.Contains(b))]);

    /// <summary>Whether this is an address: names of legal characters, each after a '/'.</summary>
    public static bool IsValid(ReadOnlySpan<byte> address)
    {
        if (address is not [(byte)'/', .., not (byte)'/']) return false;
        while (!address.IsEmpty)
        {
            address = address[1..];
            var end = address.IndexOfAnyExcept(NameBytes);
            if (end == 0 || (end > 0 && address[end] != '/')) return false;
            address = end < 0 ? default : address[end..];
        }
        return true;
    }

    /// <summary>Whether this may be one part of an address, e.g. the name that a user gives to an imp.</summary>
    public static bool IsValidName(ReadOnlySpan<byte> name) => !name.IsEmpty && !name.ContainsAnyExcept(NameBytes);
}

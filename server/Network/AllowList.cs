using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OscLooper.Server.Network;

/// <summary>[main] A host and port as numbers; IPv4 is written as IPv6 writes it (::ffff:a.b.c.d). Addresses of one link (fe80::) are valid with its number.</summary>
readonly record struct HostPort(ulong High, ulong Low, int Port, uint Scope = 0)
{
    /// <summary>[main] Of a socket's address.</summary>
    public static HostPort Of(IPEndPoint point)
    {
        Span<byte> bytes = stackalloc byte[16];
        point.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), point.Port,
            point.Address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } address ? (uint)address.ScopeId : 0);
    }

    /// <summary>[main] This machine itself.</summary>
    public bool IsLoopback => this is { High: 0, Low: 1 } || High == 0 && Low >> 24 == 0xFFFF7F;

    /// <summary>[main] An address for people: one of IPv6 stands in brackets.</summary>
    public static string Bracketed(string address) => address.Contains(':') ? $"[{address}]" : address;

    /// <summary>[main] Back again.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        var address = new IPAddress(bytes, Scope);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Port);
    }

    /// <summary>[main] For people.</summary>
    public override string ToString() => ToEndPoint().ToString();
}

/// <summary>[main] Which hosts are heard: all, or those of the networks named with --allow (and always this machine).</summary>
sealed class AllowList
{
    readonly (ulong High, ulong Low, int Bits)[] networks;

    /// <summary>[main] Reads networks like 192.168.1.0/24 or fe80::/10, or single addresses; throws FormatException for others.</summary>
    public AllowList(IReadOnlyList<string> allow) => networks = [.. allow.Select(Parse)];

    /// <summary>[main] Whether this is a network or an address.</summary>
    public static bool TryParse(string text)
    {
        try
        {
            Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>[main] Whether a host is heard.</summary>
    public bool Hears(in HostPort host)
    {
        return networks.Length == 0 || host.IsLoopback || Names(host);
    }

    /// <summary>[main] Whether a host lies in one of the networks.</summary>
    public bool Names(in HostPort host)
    {
        foreach (var (high, low, bits) in networks)
        {
            var highMask = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
            var lowMask = bits <= 64 ? 0 : ulong.MaxValue << (128 - bits);
            if (((host.High ^ high) & highMask) == 0 && ((host.Low ^ low) & lowMask) == 0) return true;
        }
        return false;
    }

    static (ulong, ulong, int) Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) throw new FormatException($"{text} is not a network (like 192.168.1.0/24)");
        var most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var bits = most;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), out bits) || bits < 0 || bits > most)) throw new FormatException($"{text}: no such network length");
        var host = HostPort.Of(new IPEndPoint(address, 0));
        return (host.High, host.Low, bits + 128 - most);
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OscLooper.Server.Network;

/// <summary>[main] An address as the kernel wants it (struct sockaddr_in or sockaddr_in6), made once per client.</summary>
sealed class SocketAddressBytes
{
    /// <summary>[main] Linux numbers of the families.</summary>
    public const int Internet = 2, Internet6 = 10;

    /// <summary>[main] Of a host and port.</summary>
    public SocketAddressBytes(HostPort host)
    {
        var point = host.ToEndPoint();
        Managed = point.Serialize();
        var isV6 = point.AddressFamily == AddressFamily.InterNetworkV6;
        Bytes = new byte[isV6 ? 28 : 16];
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes, (ushort)(isV6 ? Internet6 : Internet));
        BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(2), (ushort)host.Port);
        point.Address.TryWriteBytes(Bytes.AsSpan(isV6 ? 8 : 4), out _);
        if (isV6) BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(24), host.Scope);
    }

    /// <summary>[main] For Linux.</summary>
    public byte[] Bytes { get; }
    /// <summary>[main] For others.</summary>
    public SocketAddress Managed { get; }

    /// <summary>[main] Reads what the kernel has written.</summary>
    public static unsafe HostPort Read(byte* address)
    {
        var port = (address[2] << 8) | address[3];
        if (*(ushort*)address == Internet) return new(0, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(address + 4, 4)), port);
        var bytes = new ReadOnlySpan<byte>(address + 8, 16);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), port, *(uint*)(address + 24));
    }
}

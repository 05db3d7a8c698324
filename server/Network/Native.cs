using System.Runtime.InteropServices;

namespace OscLooper.Server.Network;

/// <summary>[main] The few calls of Linux that .NET does not offer without allocation: poll(2), recvmmsg(2), recvmsg(2), sendto(2), send(2).</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class Native
{
    public const int DontWait = 0x40, ErrorQueue = 0x2000, NoSignal = 0x4000;
    public const short PollIn = 1, PollOut = 4, PollError = 8, PollHangup = 16;
    public const int SolSocket = 1, SolIp = 0, SolIpv6 = 41;
    public const int ReuseAddress = 2, ReceiveBuffer = 8, ReceiveBufferForce = 33, TimestampNanoseconds = 35, Dropped = 40, IpReceiveErrors = 11, Ipv6ReceiveErrors = 25;
    public const int Again = 11, Interrupted = 4, ConnectionRefused = 111;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Handle;
        public short Events, Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        public void* Start;
        public nuint Length;
    }

    /// <summary>struct msghdr; the compiler's padding is the same on 64-bit Linux, glibc and musl (little endian).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct BatchEntry
    {
        public MessageHeader Header;
        public uint Received;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level, Type;
    }

    [LibraryImport("libc", SetLastError = true)] public static partial int poll(PollEntry* entries, nuint count, int milliseconds);
    [LibraryImport("libc", SetLastError = true)] public static partial int recvmmsg(int handle, BatchEntry* entries, uint count, int flags, void* timeout);
    [LibraryImport("libc", SetLastError = true)] public static partial nint recvmsg(int handle, MessageHeader* header, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial nint sendto(int handle, void* bytes, nuint length, int flags, void* address, uint addressLength);
    [LibraryImport("libc", SetLastError = true)] public static partial nint send(int handle, void* bytes, nuint length, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial nint recv(int handle, void* bytes, nuint length, int flags);
    [LibraryImport("libc", SetLastError = true)] public static partial int setsockopt(int handle, int level, int option, void* value, uint length);
    [LibraryImport("libc", SetLastError = true)] public static partial int getsockopt(int handle, int level, int option, void* value, uint* length);

    /// <summary>[main] Sets a whole number; false when the kernel says no.</summary>
    public static bool Set(int handle, int level, int option, int value) => setsockopt(handle, level, option, &value, sizeof(int)) == 0;

    /// <summary>[main] Reads a whole number; 0 when the kernel says no.</summary>
    public static int Get(int handle, int level, int option)
    {
        var (value, length) = (0, (uint)sizeof(int));
        return getsockopt(handle, level, option, &value, &length) == 0 ? value : 0;
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OscLooper.SystemTests;

/// <summary>
/// A file system whose server dies: it knows the files it was made with, says so (fuse(4), the kernel's own protocol), and from <see cref="Die"/> on answers
/// nothing. What was looked up before still opens, and reading never comes back, as on a network mount whose server is gone.
/// </summary>
sealed partial class DeadMount : IDisposable
{
    const int In = 40, Out = 16, Attributes = 88;
    const int Lookup = 1, Forget = 2, GetAttributes = 3, StatFs = 17, Init = 26, Interrupt = 36, BatchForget = 42;
    const uint NoOpen = 1 << 17, NoOpenDir = 1 << 24;
    const int NotThere = -2, NotKnown = -38, Folder = 0x4000 | 0x1ED, File = 0x8000 | 0x1A4, FileBytes = 1_000_000;
    readonly int device;
    readonly string[] files;
    readonly Thread server;
    volatile bool isDead;

    public DeadMount(string path, params string[] files)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("needs a Linux");
        (Path, this.files) = (path, files);
        Directory.CreateDirectory(path);
        device = open("/dev/fuse", 2 | 0x80000);   // O_RDWR | O_CLOEXEC: it goes when this process goes, and the mount with it
        if (device < 0) Assert.Ignore($"/dev/fuse does not open here (error {Marshal.GetLastPInvokeError()}): needs FUSE and root");
        if (mount("dead", path, "fuse", 6, $"fd={device},rootmode=40000,user_id={getuid()},group_id=0") != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            close(device);
            Assert.Ignore($"a file system cannot be mounted here (error {error}): needs root");
        }
        server = new Thread(Serve) { IsBackground = true, Name = "dead mount" };
        server.Start();
        // Known from now on: the kernel asks no more whether they are there, and how to open them.
        Assert.That(Directory.Exists(path), Is.True);
        foreach (var file in files)
        {
            Assert.That(new FileInfo(System.IO.Path.Combine(path, file)).Length, Is.EqualTo(FileBytes));
            System.IO.File.OpenHandle(System.IO.Path.Combine(path, file)).Dispose();
        }
    }

    public string Path { get; }

    public void Die()
    {
        isDead = true;
        server.Join();
    }

    // Asked whether there is something before it is read: what the server of a mount has taken and never answers, not even the end of a process ends.
    void Serve()
    {
        var asked = new byte[1 << 17];
        while (!isDead)
        {
            var waiting = new Poll { Descriptor = device, Events = 1 };
            if (poll(ref waiting, 1, 20) != 1 || isDead) continue;
            var length = (int)read(device, asked, (nuint)asked.Length);
            if (length < In) return;
            Answer(asked.AsSpan(0, length));
        }
    }

    void Answer(ReadOnlySpan<byte> asked)
    {
        var (what, node) = (BinaryPrimitives.ReadInt32LittleEndian(asked[4..]), BinaryPrimitives.ReadUInt64LittleEndian(asked[16..]));
        if (what is Forget or BatchForget or Interrupt) return;
        Span<byte> answer = stackalloc byte[Out + 128];
        answer.Clear();
        var (length, error) = (0, 0);
        var body = answer[Out..];
        switch (what)
        {
            case Init:
                BinaryPrimitives.WriteInt32LittleEndian(body, 7);
                BinaryPrimitives.WriteInt32LittleEndian(body[4..], 31);
                BinaryPrimitives.WriteUInt32LittleEndian(body[12..], NoOpen | NoOpenDir);
                BinaryPrimitives.WriteInt32LittleEndian(body[20..], 1 << 16);
                length = 64;
                break;
            case Lookup:
                var name = System.Text.Encoding.UTF8.GetString(asked[In..].TrimEnd((byte)0));
                var place = Array.IndexOf(files, name);
                if (node != 1 || place < 0)
                {
                    error = NotThere;
                    break;
                }
                BinaryPrimitives.WriteUInt64LittleEndian(body, (ulong)place + 2);
                BinaryPrimitives.WriteUInt64LittleEndian(body[16..], 3600);
                BinaryPrimitives.WriteUInt64LittleEndian(body[24..], 3600);
                Describe(body[40..], (ulong)place + 2);
                length = 40 + Attributes;
                break;
            case GetAttributes:
                BinaryPrimitives.WriteUInt64LittleEndian(body, 3600);
                Describe(body[16..], node);
                length = 16 + Attributes;
                break;
            case StatFs:
                for (var i = 0; i < 5; i++) BinaryPrimitives.WriteUInt64LittleEndian(body[(8 * i)..], 1 << 20);
                BinaryPrimitives.WriteInt32LittleEndian(body[40..], 4096);
                BinaryPrimitives.WriteInt32LittleEndian(body[44..], 255);
                BinaryPrimitives.WriteInt32LittleEndian(body[48..], 4096);
                length = 80;
                break;
            default:
                error = NotKnown;
                break;
        }
        BinaryPrimitives.WriteInt32LittleEndian(answer, Out + length);
        BinaryPrimitives.WriteInt32LittleEndian(answer[4..], error);
        asked.Slice(8, 8).CopyTo(answer[8..]);
        write(device, answer[..(Out + length)].ToArray(), (nuint)(Out + length));
    }

    static void Describe(Span<byte> into, ulong node)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(into, node);
        BinaryPrimitives.WriteUInt64LittleEndian(into[8..], node == 1 ? 0ul : FileBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], FileBytes / 512);
        BinaryPrimitives.WriteInt32LittleEndian(into[60..], node == 1 ? Folder : File);
        BinaryPrimitives.WriteInt32LittleEndian(into[64..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(into[80..], 4096);
    }

    public void Dispose()
    {
        isDead = true;
        server.Join();
        // First the device: whoever waits for an answer then has one, an error.
        close(device);
        umount2(Path, 2);   // MNT_DETACH
        Directory.Delete(Path);
    }

    struct Poll
    {
        public int Descriptor;
        public short Events, Happened;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)] private static partial int mount(string source, string target, string type, nuint flags, string options);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int umount2(string target, int flags);
    [LibraryImport("libc")] private static partial int close(int descriptor);
    [LibraryImport("libc")] private static partial uint getuid();
    [LibraryImport("libc")] private static partial int poll(ref Poll which, nuint count, int milliseconds);
    [LibraryImport("libc")] private static partial nint read(int descriptor, byte[] into, nuint length);
    [LibraryImport("libc")] private static partial nint write(int descriptor, byte[] from, nuint length);
}

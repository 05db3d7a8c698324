using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OscLooper.Dsp;
using OscLooper.Osc;
using OscLooper.Tests.Dsp;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Files;

/// <summary>What has the name of a file and is none is refused at once, by whatever address it is named.</summary>
public partial class RegularFileTests
{
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int mkfifo(string path, uint mode);
    [LibraryImport("libc")] private static partial int fcntl(int file, int command, int argument);

    static IEnumerable<(string Path, string Says)> Odd(TemporaryFolder folder)
    {
        Assert.That(mkfifo(folder["pipe.wav"], 0x180), Is.Zero);
        yield return (folder["pipe.wav"], "pipe");
        File.CreateSymbolicLink(folder["link.wav"], folder["pipe.wav"]);
        yield return (folder["link.wav"], "pipe");
        Directory.CreateDirectory(folder["folder.wav"]);
        yield return (folder["folder.wav"], "folder");
        yield return ("/dev/zero", "device");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder["socket.wav"]));
        yield return (folder["socket.wav"], "socket");
    }

    [Test]
    public void Reading_and_writing_a_pipe_a_device_a_socket_or_a_folder_is_refused_at_once()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs named pipes among the files");
        using var folder = new TemporaryFolder();
        foreach (var (path, says) in Odd(folder))
        {
            var reading = InTime(() => RegularFile.ReadAllBytes(path));
            Assert.That(reading, Is.InstanceOf<NotRegularFileException>(), path);
            Assert.That(reading!.Message, Does.Contain(says));
            Assert.That(InTime(() => RegularFile.Create(path).Dispose()), Is.InstanceOf<NotRegularFileException>(), path);
            Assert.That(InTime(() => SoundFile.Create(path, SoundFormat.WavFloat, 1, 48000).Dispose()), Is.InstanceOf<SoundFileException>(), path);
            Assert.That(InTime(() => SoundFile.ReadAll(path).Dispose()), Is.InstanceOf<SoundFileException>().With.Message.Contains(says));
        }
        // Beside the target, too.
        Assert.That(mkfifo(folder["take.wav.part"], 0x180), Is.Zero);
        Assert.That(InTime(() => SoundFile.Create(folder["take.wav"], SoundFormat.WavFloat, 1, 48000).Dispose()), Is.InstanceOf<SoundFileException>());
    }

    [Test]
    public void A_file_that_another_program_holds_is_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("needs leases (fcntl(2), F_SETLEASE)");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["held.wav"], "anything");
        using var holder = new FileStream(folder["held.wav"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        // Who breaks the lease is told by SIGIO, which ends a process unless it is ignored: SIGURG, which does not, instead (F_SETSIG).
        var descriptor = (int)holder.SafeFileHandle.DangerousGetHandle();
        if (fcntl(descriptor, 10, 23) != 0 || fcntl(descriptor, 1024, 1) != 0) Assert.Ignore("this file system has no leases");
        Assert.That(InTime(() => RegularFile.ReadAllBytes(folder["held.wav"])), Is.InstanceOf<IOException>().With.Message.Contains("held"));
    }

    [Test]
    public void What_is_written_replaces_what_was_there()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text"], "a longer text that was there before");
        using (var file = RegularFile.Create(folder["text"])) file.Write("short"u8);
        Assert.That(RegularFile.ReadAllText(folder["text"]), Is.EqualTo("short"));
        using (var file = RegularFile.Create(folder["new"])) file.Write("new"u8);
        Assert.That(RegularFile.ReadAllText(folder["new"]), Is.EqualTo("new"));
        Assert.That(() => RegularFile.ReadAllBytes(folder["text"], 4), Throws.InstanceOf<IOException>().With.Message.Contains("larger"));
        Assert.That(() => RegularFile.ReadAllBytes(folder["none"]), Throws.InstanceOf<FileNotFoundException>());
        Assert.That(() => RegularFile.ReadAllBytes(folder["no/where"]), Throws.InstanceOf<DirectoryNotFoundException>());
    }

    // What waits for ever fails the test instead of stopping it.
    static Exception? InTime(Action work)
    {
        Exception? trouble = null;
        var thread = new Thread(() => { try { work(); } catch (Exception e) { trouble = e; } }) { IsBackground = true };
        thread.Start();
        return thread.Join(20_000) ? trouble : new TimeoutException("it waits");
    }
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>
/// [worker] The one place where files are opened that somebody named: a pipe, a device, a socket or a folder is refused at once, whatever its name says.
/// The handle is asked what it is, and opening waits for nobody (O_NONBLOCK).
/// </summary>
public static class RegularFile
{
    /// <summary>[worker] Opens a file for reading; others may go on writing it.</summary>
    public static FileStream OpenRead(string path, int bufferBytes = 1) => new(OpenHandle(path), FileAccess.Read, bufferBytes);

    /// <summary>[worker] A file that was empty or not there before, for writing.</summary>
    public static FileStream Create(string path, FileShare share = FileShare.Read, int bufferBytes = 1, UnixFileMode? mode = null)
    {
        for (var tries = 0; ; tries++)
        {
            if (TryOpen(path, DiskCalls.WriteOnly) is { } existing)
            {
                var stream = new FileStream(existing, FileAccess.Write, bufferBytes);
                stream.SetLength(0);
                return stream;
            }
            var options = new FileStreamOptions { Mode = OperatingSystem.IsWindows() ? FileMode.Create : FileMode.CreateNew, Access = FileAccess.Write, Share = share, BufferSize = bufferBytes };
            if (mode is { } wanted && !OperatingSystem.IsWindows()) options.UnixCreateMode = wanted;
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (tries < 3 && File.Exists(path))
            {
                // Somebody made it just now.
            }
        }
    }

    /// <summary>[worker] A handle for reading, of a regular file and nothing else.</summary>
    public static SafeFileHandle OpenHandle(string path)
    {
        if (path.Contains('\0')) throw new ArgumentException("not the name of a file");
        if (TryOpen(path, DiskCalls.ReadOnly) is { } handle) return handle;
        var isFolderThere = Path.GetDirectoryName(path) is not { Length: > 0 } folder || Directory.Exists(folder);
        throw isFolderThere ? new FileNotFoundException($"Could not find file '{path}'.", path) : new DirectoryNotFoundException($"Could not find a part of the path '{path}'.");
    }

    /// <summary>[worker] All bytes of a file; one that is longer is refused.</summary>
    public static byte[] ReadAllBytes(string path, long mostBytes = int.MaxValue)
    {
        using var stream = OpenRead(path);
        mostBytes = Math.Min(mostBytes, Array.MaxLength);
        if (stream.Length > mostBytes) throw new IOException($"{Path.GetFileName(path)} is larger than {mostBytes} bytes");
        // What grows meanwhile is read as far as it was; what says that it is empty (as those of /proc do) may hold a little all the same.
        var bytes = new byte[stream.Length > 0 ? stream.Length : Math.Min(mostBytes, 1 << 16)];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>[worker] All text of a file, UTF-8 unless a byte order mark says otherwise.</summary>
    public static string ReadAllText(string path, long mostBytes = int.MaxValue)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, mostBytes)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>[worker] Throws when there is something of this name that is no regular file: it must not be written over.</summary>
    public static void CheckTarget(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (Directory.Exists(path)) throw new NotRegularFileException(path, "is a folder");
        }
        else if (DiskCalls.KindOf(path) is { } kind && WhatElse(kind) is { } what) throw new NotRegularFileException(path, what);
    }

    // Null when there is nothing of that name.
    static SafeFileHandle? TryOpen(string path, int access)
    {
        if (OperatingSystem.IsWindows())
        {
            if (Directory.Exists(path)) throw new NotRegularFileException(path, "is a folder");
            if (!File.Exists(path)) return null;
            return File.OpenHandle(path, FileMode.Open, access == DiskCalls.ReadOnly ? FileAccess.Read : FileAccess.Write, access == DiskCalls.ReadOnly ? FileShare.ReadWrite | FileShare.Delete : FileShare.Read);
        }
        var descriptor = DiskCalls.OpenWithoutWaiting(path, access);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error switch
            {
                DiskCalls.NoSuchEntry or DiskCalls.NoFolder => null,
                DiskCalls.NoSuchDevice => throw new NotRegularFileException(path, "is a pipe, a socket or a device, not a file"),
                DiskCalls.IsFolder => throw new NotRegularFileException(path, "is a folder"),
                DiskCalls.AccessDenied or DiskCalls.NotPermitted => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
                _ when error == DiskCalls.WouldBlock => throw new IOException($"{Path.GetFileName(path)} is held by another program"),
                _ => throw new IOException($"{Path.GetFileName(path)}: {Marshal.GetPInvokeErrorMessage(error)}"),
            };
        }
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (WhatElse(DiskCalls.KindOf(descriptor)) is not { } what) return handle;
        handle.Dispose();
        throw new NotRegularFileException(path, what);
    }

    // S_IFMT of stat(2).
    static string? WhatElse(int kind) => kind switch
    {
        0x8000 => null,
        0x4000 => "is a folder",
        0x1000 => "is a named pipe, not a file",
        0xC000 => "is a socket, not a file",
        0x2000 or 0x6000 => "is a device, not a file",
        _ => "is no file",
    };
}

/// <summary>[worker] Something else than a file has the name of one.</summary>
public sealed class NotRegularFileException(string path, string what) : IOException($"{Path.GetFileName(path)}: {what}");

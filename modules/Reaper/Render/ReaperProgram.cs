using System.Diagnostics;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Render;

/// <summary>Where REAPER lies on three systems, and how it is asked to render (facts: rpp-format section 6).</summary>
static class ReaperProgram
{
    /// <summary>Names the program when it lies somewhere else.</summary>
    public const string Variable = "OSCLOOPER_REAPER";

    /// <summary>The usual places.</summary>
    public static IReadOnlyList<string> Places(PlatformID system, string home) => system switch
    {
        PlatformID.Win32NT => [@"C:\Program Files\REAPER (x64)\reaper.exe", @"C:\Program Files\REAPER\reaper.exe", @"C:\Program Files (x86)\REAPER\reaper.exe"],
        PlatformID.MacOSX => ["/Applications/REAPER.app/Contents/MacOS/REAPER", "/Applications/REAPER64.app/Contents/MacOS/REAPER", $"{home}/Applications/REAPER.app/Contents/MacOS/REAPER"],
        _ => ["/opt/REAPER/reaper", $"{home}/opt/REAPER/reaper", "/usr/local/bin/reaper", "/usr/bin/reaper"],
    };

    /// <summary>The system this runs on, in the words of <see cref="Places"/>.</summary>
    public static PlatformID System => OperatingSystem.IsWindows() ? PlatformID.Win32NT : OperatingSystem.IsMacOS() ? PlatformID.MacOSX : PlatformID.Unix;

    /// <summary>The program, or the declared error that tells where it was looked for.</summary>
    public static string Find(string? named, Func<string, bool> exists)
    {
        if (!string.IsNullOrEmpty(named)) return exists(named) ? named : throw new RppError($"{Variable} names {named}, which is not there");
        var places = Places(System, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
        return places.FirstOrDefault(exists) ?? throw new RppError($"REAPER was not found ({string.Join(", ", places)}); {Variable}=PATH names it");
    }

    /// <summary>Renders with the project's own render settings and ends.</summary>
    public static IReadOnlyList<string> Arguments(string project) => ["-nosplash", "-noactivate", "-renderproject", project];
}

/// <summary>Renders a project into a sound file by REAPER itself.</summary>
static class ProjectRender
{
    /// <summary>Longest wait unless told otherwise.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Renders; throws nothing but <see cref="RppError"/>. The project itself is not touched: a copy beside it carries the file name to render to.</summary>
    public static void Run(string project, string wav, string program, TimeSpan timeout, Action<long>? written = null, CancellationToken cancel = default)
    {
        wav = Path.GetFullPath(wav);
        var copy = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(project))!, $".render-{Guid.NewGuid():N}.rpp");
        var fresh = wav + ".render" + Path.GetExtension(wav);
        var document = ProjectFiles.ReadProject(project);
        Aim(document.Project ?? throw new RppError($"{Path.GetFileName(project)} holds no project"), fresh);
        try
        {
            ProjectFiles.Write(copy, document.Write);
            Directory.CreateDirectory(Path.GetDirectoryName(wav)!);
            File.Delete(fresh);
            Start(program, copy, fresh, timeout, written, cancel);
            if (!File.Exists(fresh) || new FileInfo(fresh).Length == 0) throw new RppError("REAPER ended without writing the file");
            File.Move(fresh, wav, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception or InvalidOperationException) { throw new RppError(e.Message); }
        finally
        {
            File.Delete(copy);
            File.Delete(fresh);
        }
    }

    /// <summary>Makes the project render to this file: the name whole, no pattern, a WAV sink for a .wav.</summary>
    public static void Aim(RppBlock project, string file)
    {
        void Set(string name, string value)
        {
            if (project.Line(name) is { } line) line.Set(1, value);
            else project.Add(name, value);
        }
        Set("RENDER_FILE", file);
        Set("RENDER_PATTERN", "");
        if (!file.EndsWith(".wav", StringComparison.OrdinalIgnoreCase)) return;
        var sink = project.Block("RENDER_CFG") ?? project.Add(RppBlock.Of("RENDER_CFG"));
        if (sink.TryBytes(out var bytes) && bytes.AsSpan().StartsWith("evaw"u8)) return;
        sink.Children.Clear();
        sink.AddBytes([.. "evaw"u8, 24, 0, 1]);
    }

    static void Start(string program, string project, string file, TimeSpan timeout, Action<long>? written, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var argument in ReaperProgram.Arguments(project)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new RppError($"{program} did not start");
        process.StandardInput.Close();
        // Both are read so that a talkative program never waits for us.
        var said = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, e) => { lock (said) if (e.Data is { } line && said.Length < 2000) said.Append(line).Append(' '); };
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var clock = Stopwatch.StartNew();
        while (!process.WaitForExit(100))
        {
            if (File.Exists(file)) written?.Invoke(new FileInfo(file).Length);
            if (clock.Elapsed < timeout && !cancel.IsCancellationRequested) continue;
            process.Kill(entireProcessTree: true);
            process.WaitForExit(5000);
            throw new RppError(cancel.IsCancellationRequested ? "the render was called off" : $"REAPER did not end within {timeout.TotalSeconds:0} s and was stopped");
        }
        process.WaitForExit();
        if (process.ExitCode == 0) return;
        lock (said) throw new RppError($"REAPER ended with {process.ExitCode}: {said.ToString().Trim()}".TrimEnd(' ', ':'));
    }
}

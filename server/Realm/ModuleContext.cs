using System.Reflection;
using System.Runtime.Loader;

namespace OscLooper.Server.Realm;

/// <summary>
/// [worker] Where one build of a module lives, so that it can be thrown away whole. DLLs are read as bytes: the file is never held, a new
/// build may be copied over it. What the server has (contract, sound arithmetic, JSON, the framework) is shared; the rest comes from the module's folder.
/// </summary>
sealed class ModuleContext(string file) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(file), isCollectible: true)
{
    readonly string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <summary>[worker] The module's class.</summary>
    public Type Read(byte[] bytes, string className)
    {
        var type = LoadFromBytes(bytes, file).GetType(className, throwOnError: true)!;
        return typeof(Module).IsAssignableFrom(type) ? type : throw new InvalidOperationException($"{className} is no Module");
    }

    protected override Assembly? Load(AssemblyName name)
    {
        try
        {
            // The server's own first: two copies of the contract would be two contracts.
            return Default.LoadFromAssemblyName(new AssemblyName(name.Name!));
        }
        catch (Exception absent) when (absent is FileNotFoundException or FileLoadException)
        {
            var beside = Path.Combine(folder, name.Name + ".dll");
            return File.Exists(beside) ? LoadFromBytes(File.ReadAllBytes(beside), beside) : null;
        }
    }

    protected override nint LoadUnmanagedDll(string name)
    {
        foreach (var each in (string[])[name, $"lib{name}.so", $"{name}.dll", $"lib{name}.dylib"])
            if (File.Exists(Path.Combine(folder, each))) return LoadUnmanagedDllFromPath(Path.Combine(folder, each));
        return 0;
    }

    Assembly LoadFromBytes(byte[] bytes, string from)
    {
        var symbols = Path.ChangeExtension(from, ".pdb");
        using var pdb = File.Exists(symbols) ? new MemoryStream(File.ReadAllBytes(symbols)) : null;
        return LoadFromStream(new MemoryStream(bytes), pdb);
    }
}

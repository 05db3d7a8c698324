using OscLooper.Dsp;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using System.Security.Cryptography;

namespace OscLooper.Server.Realm;

/// <summary>[any] A module that can be made: a DLL as it was when its bytes were read, or (in tests) a function of this program.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">Its sentence.</param>
/// <param name="Version">Version of the DLL.</param>
/// <param name="Path">Where it lies; empty when it is part of the program.</param>
/// <param name="Hash">Of its bytes.</param>
/// <param name="OnlyWhenNamed">It wants to be named.</param>
sealed record ModuleFile(string Name, string Summary, string Version, string Path, string Hash, bool OnlyWhenNamed)
{
    string className = "";
    byte[] bytes = [];
    Func<Branch, Module>? linked;

    /// <summary>[main] A module of this program.</summary>
    public static ModuleFile Linked(string name, Func<Branch, Module> make) => new(name, "", "0.0.0", "", "", false) { linked = make };

    /// <summary>[worker] Makes a module in a load context of its own.</summary>
    public Module Make(Branch at, out AssemblyLoadContext? context)
    {
        context = null;
        if (linked is not null) return linked(at);
        var own = new ModuleContext(Path);
        context = own;
        try
        {
            return (Module)Activator.CreateInstance(own.Read(bytes, className), at)!;
        }
        catch (TargetInvocationException wrapped) when (wrapped.InnerException is { } inner)
        {
            throw new InvalidOperationException($"{className}: {inner.Message}", inner);
        }
    }

    /// <summary>[any] Reads the modules of a DLL without loading it (its metadata, ECMA-335): none when it has none.</summary>
    public static IReadOnlyList<ModuleFile> Read(string path, Action<string>? trouble = null)
    {
        var bytes = RegularFile.ReadAllBytes(path);
        using var image = new PEReader(new MemoryStream(bytes));
        if (!image.HasMetadata) return [];
        var reader = image.GetMetadataReader();
        if (!reader.IsAssembly) return [];
        var version = reader.GetAssemblyDefinition().Version.ToString(3);
        string? hash = null;
        var found = new List<ModuleFile>();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            foreach (var attribute in type.GetCustomAttributes().Select(reader.GetCustomAttribute))
            {
                if (!IsModuleAttribute(reader, attribute)) continue;
                var value = attribute.DecodeValue(new Names());
                if (value.FixedArguments is not [{ Value: string name }, { Value: string summary }] || !RealmModule.IsName(name))
                {
                    trouble?.Invoke($"{System.IO.Path.GetFileName(path)}: {NameOf(reader, type)} has no good name: a-z, 0-9 and _, and it begins with a letter");
                    continue;
                }
                hash ??= Convert.ToHexString(SHA256.HashData(bytes));
                found.Add(new ModuleFile(name, summary, version, path, hash,
                    value.NamedArguments.Any(n => n is { Name: nameof(ModuleAttribute.OnlyWhenNamed), Value: true }))
                {
                    bytes = bytes,
                    className = NameOf(reader, type),
                });
            }
        }
        return found;
    }

    static string NameOf(MetadataReader reader, TypeDefinition type) =>
        type.GetDeclaringType() is { IsNil: false } outer ? $"{NameOf(reader, reader.GetTypeDefinition(outer))}+{reader.GetString(type.Name)}"
        : reader.GetString(type.Namespace) is { Length: > 0 } space ? $"{space}.{reader.GetString(type.Name)}" : reader.GetString(type.Name);

    static bool IsModuleAttribute(MetadataReader reader, CustomAttribute attribute) =>
        attribute.Constructor.Kind == HandleKind.MemberReference
        && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
        && reader.GetTypeReference((TypeReferenceHandle)parent) is var type
        && reader.StringComparer.Equals(type.Name, nameof(ModuleAttribute)) && reader.StringComparer.Equals(type.Namespace, nameof(OscLooper));

    // Only texts and switches stand in the attribute; nobody asks for types.
    sealed class Names : ICustomAttributeTypeProvider<string>
    {
        public string GetPrimitiveType(PrimitiveTypeCode code) => code.ToString();
        public string GetSystemType() => "Type";
        public string GetSZArrayType(string element) => element + "[]";
        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte kind) => "";
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte kind) => "";
        public string GetTypeFromSerializedName(string name) => name;
        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;
        public bool IsSystemType(string type) => type == "Type";
    }
}

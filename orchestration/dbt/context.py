"""What a model's template sees, made when it is looked at: dbt makes all of it twice for every node.

Belongs here: the context of a node whose names are resolved on demand (``lean_model_context``).
Belongs elsewhere: other parts of dbt that are replaced (``orchestration.dbt.lean``), the macros (``dbt_project``).

To compile a node, and again to run it, dbt wraps each of some 600 macros and works out every property of the node; a
model uses a dozen. Here the same context knows what it holds, and makes a thing when it is first asked for.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from dbt.adapters.factory import get_adapter_package_names
from dbt.clients.jinja import MacroGenerator
from dbt.context.macros import MacroNamespace
from dbt.context.providers import ModelContext, RuntimeProvider
from dbt.include.global_project import PROJECT_NAME


class OnDemand(dict):
    """A dictionary that makes the value of a known name when it is first asked for; who walks through it gets all."""

    def __init__(self, known: Collection[str], make: Callable[[str], Any]) -> None:
        super().__init__()
        self._known = known
        self._make = make

    def __missing__(self, name: str) -> Any:
        if name not in self._known:
            raise KeyError(name)
        value = self[name] = self._make(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._known or super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def _complete(self) -> dict[str, Any]:
        return {**{name: self[name] for name in self._known}, **dict(super().items())}

    def __bool__(self) -> bool:
        return bool(self._known)

    # Copies of a dictionary ask these as soon as one of them is not that of `dict`.
    def __iter__(self) -> Iterator[str]:
        return iter(self._complete())

    def __len__(self) -> int:
        return len(self._complete())

    def keys(self) -> Any:
        return self._complete().keys()

    def values(self) -> Any:
        return self._complete().values()

    def items(self) -> Any:
        return self._complete().items()


class KeptMacro(MacroGenerator):
    """A macro within one context. dbt runs its template for every call; here the first call's result is kept."""

    @cached_property
    def _callable(self) -> Callable:
        return super().get_macro()

    def get_macro(self) -> Callable:
        return self._callable


class Macros:
    """The macros of a parsed project as the nodes of one of its packages find them, and all names of their contexts."""

    def __init__(self, manifest: Any, project: str, package: str, adapter: str) -> None:
        self.by_package = manifest.get_macros_by_package()
        self.package = package
        internal = get_adapter_package_names(adapter)
        # Of dbt's own packages the first hides the others.
        self.internal: dict[str, Any] = {}
        for name in reversed(internal):
            self.internal.update(self.by_package.get(name, {}))
        self.packages = {name: macros for name, macros in self.by_package.items() if name not in internal}
        self.local = self.packages.get(package, {})
        self.root = self.packages.get(project, {}) if project != package else {}
        self.names = frozenset().union(
            self.local, self.root, self.packages, (PROJECT_NAME,), self.internal,
            ModelContext._context_members_, ("context", "builtins"),
        )  # fmt: skip


class LeanModelContext(ModelContext):
    """dbt's context of a node. Only when its parts are made is another."""

    _macros: Macros | None = None

    def _build_namespace(self) -> MacroNamespace:
        """The namespaces that dbt builds, of macros that are wrapped when they are looked up."""
        kept = LeanModelContext._macros
        by_package = self.manifest.get_macros_by_package()
        if kept is None or kept.by_package is not by_package or kept.package != self.search_package:
            kept = Macros(self.manifest, self.config.project_name, self.search_package, self.config.credentials.type)
            LeanModelContext._macros = kept
        self._ctx = OnDemand(kept.names, self._make)
        return MacroNamespace(
            global_namespace=self._wrapped(kept.root),
            local_namespace=self._wrapped(kept.local),
            global_project_namespace=self._wrapped(kept.internal),
            packages={name: self._wrapped(macros) for name, macros in kept.packages.items()},
        )

    def _wrapped(self, macros: Mapping[str, Any]) -> OnDemand:
        return OnDemand(macros, lambda name: KeptMacro(macros[name], self._ctx, self.model, self.macro_stack))

    def _make(self, name: str) -> Any:
        # In dbt's own order: a macro hides a member of the same name.
        for namespace in self.namespace._search_order():
            if name in namespace:
                return namespace[name]
        if name == "context":
            return self._ctx
        if name == "builtins":
            return OnDemand(self._context_members_, self._member)
        return self._member(name)

    def _member(self, name: str) -> Any:
        member = self._context_members_[name]
        return member.__get__(self) if hasattr(member, "__get__") else member

    def to_dict(self) -> dict[str, Any]:
        return self._ctx


def lean_model_context(model: Any, config: Any, manifest: Any) -> dict[str, Any]:
    """In place of dbt's ``generate_runtime_model_context``."""
    return LeanModelContext(model, config, manifest, RuntimeProvider(), None).to_dict()

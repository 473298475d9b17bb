"""`Site`: the aiohttp application made of all that is declared, each time the door opens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

from aiohttp import web
from aiohttp.typedefs import Middleware

from framework import App, Component, DeclarationError
from framework.facade import APPLICATION
from fw_http.commands import command_routes
from fw_http.config import HttpSettings
from fw_http.cors import Cors
from fw_http.departures import Departures
from fw_http.endpoint import AioHandler, Endpoints
from fw_http.facade import MIDDLEWARE, Http
from fw_http.middleware import Middlewares
from fw_http.openapi import Document, Operation
from fw_http.page import docs_routes
from fw_http.route import Mount, Route
from fw_http.routing import MOUNT, ROUTE, SOCKET, STATIC
from fw_http.serving import Serving
from fw_http.streams import Streams
from fw_http.threads import HandlerThreads


class Site(Component):
    """Knows the declarations; the server asks it for the application."""

    def __init__(self, app: App, http: Http, settings: HttpSettings, threads: HandlerThreads) -> None:
        self._app = app
        self._http = http
        self._settings = settings
        self._threads = threads
        self.departures = Departures()
        """Told by the server of clients that go."""
        self._commands: list[tuple[Route, str]] = []
        self._application: web.Application | None = None

    def start(self) -> None:
        """Ask which commands are exposed. Raises :class:`framework.BootstrapError` where one may not be."""
        self._commands = [
            (route, f"command {handler.message_type.__name__} of {handler.owner}")
            for route, handler in command_routes(self._app)
        ]

    @property
    def application(self) -> web.Application:
        """The one that is served, or will be when the door opens: until then values and routes may be added to it."""
        if self._application is None:
            self._application = web.Application(client_max_size=self._settings.max_body)
        return self._application

    def forget(self) -> None:
        """The door is closed: the next time another application is served."""
        self._application = None

    async def serving(self) -> Serving:
        """What answers, with the whole application. Raises :class:`DeclarationError` for what cannot be served."""
        settings = self._settings
        middlewares = Middlewares(self._app)
        around: list[Middleware] = []
        cors = None
        if settings.cors_origins:
            cors = Cors(settings.cors_origins, credentials=settings.cors_credentials, exposed=settings.cors_expose)
            around.append(cors.middleware)
        if settings.compress:
            from fw_http.compression import compressed  # what most do without is imported where it is asked for

            around.append(compressed)
        # The application stands on its plugins: theirs are around its own, as wrappers of `dispatch` are.
        declared = sorted(self._http.declared(MIDDLEWARE), key=lambda entry: entry.owner == APPLICATION)
        for entry in declared:
            item = entry.item
            around.append(await middlewares.made(item.middleware, entry.place, checked=item.checked))
        application = self.application
        if cors:
            application.on_response_prepare.append(cors.dress)
        streams = Streams(self.departures, settings.comment_interval)
        application.on_shutdown.append(streams.end)
        endpoints = Endpoints(self._app, settings, self._threads, streams)
        await self._add_all(Table(application), endpoints, middlewares)
        for entry in self._http.declared(MOUNT):
            self._mount(application, entry.item, streams, f"{entry.place}: mount {entry.item.prefix or '/'!r}")
        return Serving(application, [*around, *application.middlewares])

    def _mount(self, application: web.Application, mount: Mount, streams: Streams, place: str) -> None:
        from fw_http.asgi import Mounted
        from fw_http.asgi_lifespan import Lifespan

        settings = self._settings
        mounted = Mounted(mount, self.departures, streams, most=settings.max_upload, most_message=settings.max_message)
        if mount.prefix:
            application.router.add_route("*", mount.prefix, mounted.handle)
        application.router.add_route("*", mount.prefix + "/{_path:.*}", mounted.handle)

        async def living(_: web.Application) -> AsyncIterator[None]:
            lifespan = Lifespan(mount.application, mounted.state, place)
            await lifespan.begin()
            yield
            await lifespan.end(settings.drain_timeout)

        application.cleanup_ctx.append(living)

    async def _add_all(self, table: Table, endpoints: Endpoints, middlewares: Middlewares) -> None:
        operations = []
        for route, place in self._routes():
            endpoint = endpoints.of_route(route, table.parameters(route.path, place), place)
            handler = await middlewares.around(endpoint.handler, route.middleware, place)
            for method in route.methods:
                table.add(route.path, method, handler, place)
            operations.append(Operation(route, endpoint.binding, endpoint.answering))
        for entry in self._http.declared(SOCKET):
            place = f"{entry.place}: route {entry.item.path!r}"
            talk = endpoints.of_socket(entry.item, table.parameters(entry.item.path, place), place)
            table.add(entry.item.path, "GET", await middlewares.around(talk, entry.item.middleware, place), place)
        document = Document(self._settings.title or self._app.name, self._settings.version, operations)
        for path, handler in docs_routes(document, self._settings):
            table.add_own(path, handler)
        for entry in self._http.declared(STATIC):
            from fw_http.static import static_handler

            path, place = (
                f"{entry.item.prefix.rstrip('/')}/{{_file:.*}}",
                f"{entry.place}: static {entry.item.prefix!r}",
            )
            table.parameters(path, place)
            table.add(path, "GET", static_handler(entry.item.folder, place), place)
        table.add_heads()

    def _routes(self) -> Iterator[tuple[Route, str]]:
        for declaration in self._http.declared(ROUTE):
            yield declaration.item, f"{declaration.place}: route {declaration.item.path!r}"
        yield from self._commands


class Table:
    """The routes of one aiohttp application, by path and method."""

    def __init__(self, application: web.Application) -> None:
        self._router = application.router
        self._resources: dict[str, web.Resource] = {}
        self._places: dict[str, dict[str, str]] = defaultdict(dict)
        self._gets: dict[str, AioHandler] = {}

    def parameters(self, path: str, place: str) -> set[str]:
        """The names in a path. Raises :class:`DeclarationError` for a malformed one."""
        if path not in self._resources:
            try:
                self._resources[path] = self._router.add_resource(path)
            except ValueError as error:
                raise DeclarationError(f"{place} is malformed: {error}.") from error
        pattern = self._resources[path].get_info().get("pattern")
        return set(pattern.groupindex) if pattern else set()

    def add(self, path: str, method: str, handler: AioHandler, place: str) -> None:
        """Serve it. Raises :class:`DeclarationError` if another does already."""
        other = self._places[path].setdefault(method, place)
        if other != place:
            raise DeclarationError(f"{place} answers {method} already at {other}.", remedy="Remove one of the two.")
        self._resources[path].add_route(method, handler)
        if method == "GET":
            self._gets[path] = handler

    def add_own(self, path: str, handler: AioHandler) -> None:
        """Serve a page of the server's own, unless the application serves that path itself."""
        if not self._places[path]:
            self.parameters(path, path)
            self.add(path, "GET", handler, path)

    def add_heads(self) -> None:
        """Let every path that answers GET answer HEAD, with the same handler; aiohttp leaves the body out."""
        for path, handler in self._gets.items():
            if "HEAD" not in self._places[path]:
                self.add(path, "HEAD", handler, path)

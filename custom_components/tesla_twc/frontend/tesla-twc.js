/*! sources 276affe49cd6ec07a1710d2aa39e3b2c5dce59b12d760c97fa8fc6279301249a */
const C="tesla_twc",ut=new Set(["unavailable","unknown",""]);function Y(e,t){const s=J(e,t),n=s===null?NaN:Number(s.state);return Number.isFinite(n)?n:null}function J(e,t){const s=t===void 0?void 0:e.states[t];return s===void 0||ut.has(s.state)?null:s}function ht(e,t,s){e.dispatchEvent(new CustomEvent(t,{bubbles:!0,composed:!0,detail:s}))}function Ve(e,t){ht(e,"hass-more-info",{entityId:t})}const pt={card_about:"Energistr\xF8m, beslutningen i ord, opladningstilstand, str\xF8mgr\xE6nse og tidligere opladninger",dashboard_about:"Et f\xE6rdigt betjeningspanel til dine ladebokse, biler og huset",flow:"Energistr\xF8m",sun:"Sol",grid:"Net",home:"Hus",battery:"Husbatteri",surplus:"Overskud",from_to:"{from} til {to}: {power}",amps:"tr\xE6kker {drawn} A, tilbudt {offered} A",amps_drawn:"tr\xE6kker {drawn} A",today:"I dag",today_sun:"Sol {energy}",today_cars:"Biler {energy}",today_cars_sun:"heraf {energy} fra solen",terms:"Alle st\xF8rrelser",charges:"Opladninger",start:"Start",energy:"Energi",from_sun:"Fra solen",cost:"Pris",going_on:"nu",no_charges:"Ingen opladning endnu",no_list:"Listen over opladninger kan ikke l\xE6ses",no_connectors:"Ingen ladeboks har svaret endnu",lost:"Ingen forbindelse til Home Assistant",f_title:"Titel",f_connectors:"Ladebokse",f_connectors_help:"Alle, hvis ingen er valgt",f_show:"Hvad der vises",f_show_help:"Alt, hvis intet er valgt",f_sessions:"Antal opladninger",f_step:"Skyderens trin",decision:"Beslutning",mode:"Opladningstilstand",now:"Lad nu",limit:"Str\xF8mgr\xE6nse",view_charging:"Opladning",view_history:"Historik",view_house:"Hus og gr\xE6nser",cars:"Biler",days:"De seneste 30 dage",day:"De seneste 24 timer",fuse:"Hovedsikring",limits:"Gr\xE6nser",condition:"Tilstand"},gt={card_about:"Energiefluss, die Entscheidung in Worten, Lademodus, Ladestromgrenze und vergangene Ladevorg\xE4nge",dashboard_about:"Ein fertiges Dashboard f\xFCr deine Wallboxen, Autos und das Haus",flow:"Energiefluss",sun:"Sonne",grid:"Netz",home:"Haus",battery:"Hausbatterie",surplus:"\xDCberschuss",from_to:"{from} nach {to}: {power}",amps:"zieht {drawn} A, angeboten {offered} A",amps_drawn:"zieht {drawn} A",today:"Heute",today_sun:"Sonne {energy}",today_cars:"Autos {energy}",today_cars_sun:"davon {energy} von der Sonne",terms:"Alle Gr\xF6\xDFen",charges:"Ladevorg\xE4nge",start:"Beginn",energy:"Energie",from_sun:"Von der Sonne",cost:"Kosten",going_on:"jetzt",no_charges:"Noch kein Ladevorgang",no_list:"Die Liste der Ladevorg\xE4nge ist nicht lesbar",no_connectors:"Noch hat keine Wallbox geantwortet",lost:"Keine Verbindung zu Home Assistant",f_title:"Titel",f_connectors:"Wallboxen",f_connectors_help:"Alle, wenn keine gew\xE4hlt ist",f_show:"Was gezeigt wird",f_show_help:"Alles, wenn nichts gew\xE4hlt ist",f_sessions:"Anzahl der Ladevorg\xE4nge",f_step:"Schritte des Schiebereglers",decision:"Entscheidung",mode:"Lademodus",now:"Jetzt laden",limit:"Ladestromgrenze",view_charging:"Laden",view_history:"Verlauf",view_house:"Haus und Grenzen",cars:"Autos",days:"Die letzten 30 Tage",day:"Die letzten 24 Stunden",fuse:"Hauptsicherung",limits:"Grenzen",condition:"Zustand"},Ke={card_about:"Energy flow, the decision in words, charge mode, current limit and past charges",dashboard_about:"A finished dashboard for your wall connectors, cars and house",flow:"Energy flow",sun:"Sun",grid:"Grid",home:"House",battery:"House battery",surplus:"Surplus",from_to:"{from} to {to}: {power}",amps:"draws {drawn} A, offered {offered} A",amps_drawn:"draws {drawn} A",today:"Today",today_sun:"Sun {energy}",today_cars:"Cars {energy}",today_cars_sun:"of it {energy} from the sun",terms:"All terms",charges:"Charges",start:"Start",energy:"Energy",from_sun:"From the sun",cost:"Cost",going_on:"now",no_charges:"No charge yet",no_list:"The list of charges cannot be read",no_connectors:"No wall connector has answered yet",lost:"No connection to Home Assistant",f_title:"Title",f_connectors:"Wall connectors",f_connectors_help:"All of them, if none is chosen",f_show:"What is shown",f_show_help:"Everything, if nothing is chosen",f_sessions:"Number of charges",f_step:"Steps of the slider",decision:"Decision",mode:"Charge mode",now:"Charge now",limit:"Current limit",view_charging:"Charging",view_history:"History",view_house:"House and limits",cars:"Cars",days:"The last 30 days",day:"The last 24 hours",fuse:"Main fuse",limits:"Limits",condition:"Condition"},mt={card_about:"Flujo de energ\xEDa, la decisi\xF3n en palabras, modo de carga, l\xEDmite de corriente y cargas anteriores",dashboard_about:"Un panel completo para tus puntos de carga, coches y la casa",flow:"Flujo de energ\xEDa",sun:"Sol",grid:"Red",home:"Casa",battery:"Bater\xEDa dom\xE9stica",surplus:"Excedente",from_to:"De {from} a {to}: {power}",amps:"toma {drawn} A, ofrecidos {offered} A",amps_drawn:"toma {drawn} A",today:"Hoy",today_sun:"Sol {energy}",today_cars:"Coches {energy}",today_cars_sun:"de ellos {energy} del sol",terms:"Todas las magnitudes",charges:"Cargas",start:"Inicio",energy:"Energ\xEDa",from_sun:"Del sol",cost:"Coste",going_on:"ahora",no_charges:"A\xFAn no hay cargas",no_list:"No se puede leer la lista de cargas",no_connectors:"A\xFAn no ha respondido ning\xFAn punto de carga",lost:"Sin conexi\xF3n con Home Assistant",f_title:"T\xEDtulo",f_connectors:"Puntos de carga",f_connectors_help:"Todos, si no se elige ninguno",f_show:"Qu\xE9 se muestra",f_show_help:"Todo, si no se elige nada",f_sessions:"N\xFAmero de cargas",f_step:"Pasos del deslizador",decision:"Decisi\xF3n",mode:"Modo de carga",now:"Cargar ya",limit:"L\xEDmite de corriente",view_charging:"Carga",view_history:"Historial",view_house:"Casa y l\xEDmites",cars:"Coches",days:"Los \xFAltimos 30 d\xEDas",day:"Las \xFAltimas 24 horas",fuse:"Fusible principal",limits:"L\xEDmites",condition:"Estado"},ft={card_about:"Flux d\u2019\xE9nergie, la d\xE9cision en mots, mode de charge, limite de courant et sessions pass\xE9es",dashboard_about:"Un tableau de bord complet pour vos bornes, vos voitures et la maison",flow:"Flux d\u2019\xE9nergie",sun:"Soleil",grid:"R\xE9seau",home:"Maison",battery:"Batterie domestique",surplus:"Surplus",from_to:"{from} vers {to} : {power}",amps:"prend {drawn} A, {offered} A propos\xE9s",amps_drawn:"prend {drawn} A",today:"Aujourd\u2019hui",today_sun:"Soleil {energy}",today_cars:"Voitures {energy}",today_cars_sun:"dont {energy} du soleil",terms:"Toutes les grandeurs",charges:"Sessions",start:"D\xE9but",energy:"\xC9nergie",from_sun:"Du soleil",cost:"Co\xFBt",going_on:"en cours",no_charges:"Aucune session pour l\u2019instant",no_list:"La liste des sessions est illisible",no_connectors:"Aucune borne n\u2019a encore r\xE9pondu",lost:"Pas de connexion \xE0 Home Assistant",f_title:"Titre",f_connectors:"Bornes",f_connectors_help:"Toutes, si aucune n\u2019est choisie",f_show:"Ce qui est affich\xE9",f_show_help:"Tout, si rien n\u2019est choisi",f_sessions:"Nombre de sessions",f_step:"Pas du curseur",decision:"D\xE9cision",mode:"Mode de charge",now:"Charger maintenant",limit:"Limite de courant",view_charging:"Charge",view_history:"Historique",view_house:"Maison et limites",cars:"Voitures",days:"Les 30 derniers jours",day:"Les derni\xE8res 24 heures",fuse:"Disjoncteur g\xE9n\xE9ral",limits:"Limites",condition:"\xC9tat"},_t={card_about:"Flusso di energia, la decisione a parole, modalit\xE0 di ricarica, limite di corrente e ricariche passate",dashboard_about:"Una plancia completa per le tue wallbox, le auto e la casa",flow:"Flusso di energia",sun:"Sole",grid:"Rete",home:"Casa",battery:"Batteria domestica",surplus:"Eccedenza",from_to:"Da {from} a {to}: {power}",amps:"assorbe {drawn} A, offerti {offered} A",amps_drawn:"assorbe {drawn} A",today:"Oggi",today_sun:"Sole {energy}",today_cars:"Auto {energy}",today_cars_sun:"di cui {energy} dal sole",terms:"Tutte le grandezze",charges:"Ricariche",start:"Inizio",energy:"Energia",from_sun:"Dal sole",cost:"Costo",going_on:"in corso",no_charges:"Ancora nessuna ricarica",no_list:"L\u2019elenco delle ricariche non \xE8 leggibile",no_connectors:"Nessuna wallbox ha ancora risposto",lost:"Nessun collegamento a Home Assistant",f_title:"Titolo",f_connectors:"Wallbox",f_connectors_help:"Tutte, se non ne scegli nessuna",f_show:"Che cosa si mostra",f_show_help:"Tutto, se non scegli nulla",f_sessions:"Numero di ricariche",f_step:"Passi del cursore",decision:"Decisione",mode:"Modalit\xE0 di ricarica",now:"Carica subito",limit:"Limite di corrente",view_charging:"Ricarica",view_history:"Cronologia",view_house:"Casa e limiti",cars:"Auto",days:"Gli ultimi 30 giorni",day:"Le ultime 24 ore",fuse:"Interruttore generale",limits:"Limiti",condition:"Stato"},yt={card_about:"Energiflyt, avgj\xF8relsen i ord, lademodus, str\xF8mgrense og tidligere ladinger",dashboard_about:"Et ferdig dashbord for veggladerne, bilene og huset",flow:"Energiflyt",sun:"Sol",grid:"Nett",home:"Hus",battery:"Husbatteri",surplus:"Overskudd",from_to:"{from} til {to}: {power}",amps:"trekker {drawn} A, tilbudt {offered} A",amps_drawn:"trekker {drawn} A",today:"I dag",today_sun:"Sol {energy}",today_cars:"Biler {energy}",today_cars_sun:"hvorav {energy} fra sola",terms:"Alle st\xF8rrelser",charges:"Ladinger",start:"Start",energy:"Energi",from_sun:"Fra sola",cost:"Kostnad",going_on:"n\xE5",no_charges:"Ingen lading enn\xE5",no_list:"Listen over ladinger kan ikke leses",no_connectors:"Ingen veggladere har svart enn\xE5",lost:"Ingen forbindelse til Home Assistant",f_title:"Tittel",f_connectors:"Veggladere",f_connectors_help:"Alle, hvis ingen er valgt",f_show:"Hva som vises",f_show_help:"Alt, hvis ingenting er valgt",f_sessions:"Antall ladinger",f_step:"Skyvebryterens trinn",decision:"Avgj\xF8relse",mode:"Lademodus",now:"Lad n\xE5",limit:"Str\xF8mgrense",view_charging:"Lading",view_history:"Historikk",view_house:"Hus og grenser",cars:"Biler",days:"De siste 30 dagene",day:"De siste 24 timene",fuse:"Hovedsikring",limits:"Grenser",condition:"Tilstand"},bt={card_about:"Energiestroom, de beslissing in woorden, laadmodus, stroomlimiet en eerdere laadsessies",dashboard_about:"Een kant-en-klaar dashboard voor je laadpalen, auto's en huis",flow:"Energiestroom",sun:"Zon",grid:"Net",home:"Huis",battery:"Thuisbatterij",surplus:"Overschot",from_to:"{from} naar {to}: {power}",amps:"neemt {drawn} A, aangeboden {offered} A",amps_drawn:"neemt {drawn} A",today:"Vandaag",today_sun:"Zon {energy}",today_cars:"Auto's {energy}",today_cars_sun:"waarvan {energy} van de zon",terms:"Alle grootheden",charges:"Laadsessies",start:"Begin",energy:"Energie",from_sun:"Van de zon",cost:"Kosten",going_on:"nu",no_charges:"Nog geen laadsessie",no_list:"De lijst met laadsessies is niet leesbaar",no_connectors:"Er heeft nog geen laadpaal geantwoord",lost:"Geen verbinding met Home Assistant",f_title:"Titel",f_connectors:"Laadpalen",f_connectors_help:"Allemaal, als er geen is gekozen",f_show:"Wat wordt getoond",f_show_help:"Alles, als er niets is gekozen",f_sessions:"Aantal laadsessies",f_step:"Stappen van de schuifregelaar",decision:"Beslissing",mode:"Laadmodus",now:"Nu laden",limit:"Stroomlimiet",view_charging:"Laden",view_history:"Geschiedenis",view_house:"Huis en limieten",cars:"Auto's",days:"De laatste 30 dagen",day:"De laatste 24 uur",fuse:"Hoofdzekering",limits:"Limieten",condition:"Toestand"},wt={card_about:"Energifl\xF6de, beslutet i ord, laddningsl\xE4ge, str\xF6mgr\xE4ns och tidigare laddningar",dashboard_about:"En f\xE4rdig \xF6versiktspanel f\xF6r dina laddboxar, bilar och huset",flow:"Energifl\xF6de",sun:"Sol",grid:"N\xE4t",home:"Hus",battery:"Husbatteri",surplus:"\xD6verskott",from_to:"{from} till {to}: {power}",amps:"drar {drawn} A, erbjudet {offered} A",amps_drawn:"drar {drawn} A",today:"I dag",today_sun:"Sol {energy}",today_cars:"Bilar {energy}",today_cars_sun:"varav {energy} fr\xE5n solen",terms:"Alla storheter",charges:"Laddningar",start:"Start",energy:"Energi",from_sun:"Fr\xE5n solen",cost:"Kostnad",going_on:"nu",no_charges:"Ingen laddning \xE4n",no_list:"Listan \xF6ver laddningar kan inte l\xE4sas",no_connectors:"Ingen laddbox har svarat \xE4n",lost:"Ingen anslutning till Home Assistant",f_title:"Titel",f_connectors:"Laddboxar",f_connectors_help:"Alla, om ingen \xE4r vald",f_show:"Vad som visas",f_show_help:"Allt, om inget \xE4r valt",f_sessions:"Antal laddningar",f_step:"Skjutreglagets steg",decision:"Beslut",mode:"Laddningsl\xE4ge",now:"Ladda nu",limit:"Str\xF6mgr\xE4ns",view_charging:"Laddning",view_history:"Historik",view_house:"Hus och gr\xE4nser",cars:"Bilar",days:"De senaste 30 dagarna",day:"De senaste 24 timmarna",fuse:"Huvuds\xE4kring",limits:"Gr\xE4nser",condition:"Tillst\xE5nd"},ve={da:pt,de:gt,en:Ke,es:mt,fr:ft,it:_t,nb:yt,nl:bt,sv:wt};function te(e){return ve[e]??ve[e.split("-")[0]??""]??Ke}function g(e,t,s={}){return $t(te(e.language)[t],s)}function $t(e,t){return e.replace(/\{(\w+)\}/g,(s,n)=>t[n]??s)}function se(e,t,s,n){return e.localize(`component.${C}.entity.${t}.${s}.name`)||g(e,n)}const L="tesla-twc-card",j=["flow","today","decision","mode","limit","sessions"],vt={flow:"flow",today:"today",decision:"decision",mode:"mode",limit:"limit",sessions:"charges"},Ae=5,At=1;function Ze(e){const t=n=>n===void 0||Array.isArray(n);if(!t(e.wall_connectors)||!t(e.show))throw new Error("wall_connectors and show are lists");const s=(e.show??[]).find(n=>!j.includes(n));if(s!==void 0)throw new Error(`show knows ${j.join(", ")}, not ${s}`);for(const[n,i]of[["sessions",1],["step",1]]){const o=e[n];if(o!==void 0&&!(Number.isInteger(o)&&o>=i))throw new Error(`${n} is a whole number from ${i}`)}return e}function xt(){const e=te(he()),t=j.map(n=>({value:n,label:e[vt[n]]})),s=(n,i)=>({number:{min:n,max:i,mode:"box"}});return{schema:[{name:"title",selector:{text:{}}},{name:"wall_connectors",selector:{device:{multiple:!0,entity:{integration:C,domain:"binary_sensor",device_class:"plug"}}}},{name:"show",selector:{select:{multiple:!0,mode:"list",options:t}}},{name:"sessions",selector:s(1,100)},{name:"step",selector:s(1,8)}],computeLabel:({name:n})=>e[St[n]??"f_title"],computeHelper:({name:n})=>n==="wall_connectors"?e.f_connectors_help:n==="show"?e.f_show_help:void 0,assertConfig:n=>{Ze(n)}}}const St={title:"f_title",wall_connectors:"f_connectors",show:"f_show",sessions:"f_sessions",step:"f_step"};function he(){return document.documentElement.lang||navigator.language}const q=globalThis,pe=q.ShadowRoot&&(q.ShadyCSS===void 0||q.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,ge=Symbol(),xe=new WeakMap;let Ye=class{constructor(e,t,s){if(this._$cssResult$=!0,s!==ge)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o;const t=this.t;if(pe&&e===void 0){const s=t!==void 0&&t.length===1;s&&(e=xe.get(t)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),s&&xe.set(t,e))}return e}toString(){return this.cssText}};const Et=e=>new Ye(typeof e=="string"?e:e+"",void 0,ge),kt=(e,...t)=>{const s=e.length===1?e[0]:t.reduce((n,i,o)=>n+(r=>{if(r._$cssResult$===!0)return r.cssText;if(typeof r=="number")return r;throw Error("Value passed to 'css' function must be a 'css' function result: "+r+". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.")})(i)+e[o+1],e[0]);return new Ye(s,e,ge)},Ct=(e,t)=>{if(pe)e.adoptedStyleSheets=t.map(s=>s instanceof CSSStyleSheet?s:s.styleSheet);else for(const s of t){const n=document.createElement("style"),i=q.litNonce;i!==void 0&&n.setAttribute("nonce",i),n.textContent=s.cssText,e.appendChild(n)}},Se=pe?e=>e:e=>e instanceof CSSStyleSheet?(t=>{let s="";for(const n of t.cssRules)s+=n.cssText;return Et(s)})(e):e,{is:Tt,defineProperty:Mt,getOwnPropertyDescriptor:Nt,getOwnPropertyNames:Lt,getOwnPropertySymbols:Ot,getPrototypeOf:Ht}=Object,ne=globalThis,Ee=ne.trustedTypes,Dt=Ee?Ee.emptyScript:"",zt=ne.reactiveElementPolyfillSupport,R=(e,t)=>e,ce={toAttribute(e,t){switch(t){case Boolean:e=e?Dt:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let s=e;switch(t){case Boolean:s=e!==null;break;case Number:s=e===null?null:Number(e);break;case Object:case Array:try{s=JSON.parse(e)}catch{s=null}}return s}},Je=(e,t)=>!Tt(e,t),ke={attribute:!0,type:String,converter:ce,reflect:!1,useDefault:!1,hasChanged:Je};Symbol.metadata??=Symbol("metadata"),ne.litPropertyMetadata??=new WeakMap;let H=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=ke){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){const s=Symbol(),n=this.getPropertyDescriptor(e,s,t);n!==void 0&&Mt(this.prototype,e,n)}}static getPropertyDescriptor(e,t,s){const{get:n,set:i}=Nt(this.prototype,e)??{get(){return this[t]},set(o){this[t]=o}};return{get:n,set(o){const r=n?.call(this);i?.call(this,o),this.requestUpdate(e,r,s)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??ke}static _$Ei(){if(this.hasOwnProperty(R("elementProperties")))return;const e=Ht(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(R("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(R("properties"))){const t=this.properties,s=[...Lt(t),...Ot(t)];for(const n of s)this.createProperty(n,t[n])}const e=this[Symbol.metadata];if(e!==null){const t=litPropertyMetadata.get(e);if(t!==void 0)for(const[s,n]of t)this.elementProperties.set(s,n)}this._$Eh=new Map;for(const[t,s]of this.elementProperties){const n=this._$Eu(t,s);n!==void 0&&this._$Eh.set(n,t)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){const t=[];if(Array.isArray(e)){const s=new Set(e.flat(1/0).reverse());for(const n of s)t.unshift(Se(n))}else e!==void 0&&t.push(Se(e));return t}static _$Eu(e,t){const s=t.attribute;return s===!1?void 0:typeof s=="string"?s:typeof e=="string"?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){const e=new Map,t=this.constructor.elementProperties;for(const s of t.keys())this.hasOwnProperty(s)&&(e.set(s,this[s]),delete this[s]);e.size>0&&(this._$Ep=e)}createRenderRoot(){const e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Ct(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,s){this._$AK(e,s)}_$ET(e,t){const s=this.constructor.elementProperties.get(e),n=this.constructor._$Eu(e,s);if(n!==void 0&&s.reflect===!0){const i=(s.converter?.toAttribute!==void 0?s.converter:ce).toAttribute(t,s.type);this._$Em=e,i==null?this.removeAttribute(n):this.setAttribute(n,i),this._$Em=null}}_$AK(e,t){const s=this.constructor,n=s._$Eh.get(e);if(n!==void 0&&this._$Em!==n){const i=s.getPropertyOptions(n),o=typeof i.converter=="function"?{fromAttribute:i.converter}:i.converter?.fromAttribute!==void 0?i.converter:ce;this._$Em=n;const r=o.fromAttribute(t,i.type);this[n]=r??this._$Ej?.get(n)??r,this._$Em=null}}requestUpdate(e,t,s,n=!1,i){if(e!==void 0){const o=this.constructor;if(n===!1&&(i=this[e]),s??=o.getPropertyOptions(e),!((s.hasChanged??Je)(i,t)||s.useDefault&&s.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(o._$Eu(e,s))))return;this.C(e,t,s)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(e,t,{useDefault:s,reflect:n,wrapped:i},o){s&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,o??t??this[e]),i!==!0||o!==void 0)||(this._$AL.has(e)||(this.hasUpdated||s||(t=void 0),this._$AL.set(e,t)),n===!0&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(t){Promise.reject(t)}const e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(const[n,i]of this._$Ep)this[n]=i;this._$Ep=void 0}const s=this.constructor.elementProperties;if(s.size>0)for(const[n,i]of s){const{wrapped:o}=i,r=this[n];o!==!0||this._$AL.has(n)||r===void 0||this.C(n,void 0,i,r)}}let e=!1;const t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(s=>s.hostUpdate?.()),this.update(t)):this._$EM()}catch(s){throw e=!1,this._$EM(),s}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(t=>t.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(t=>this._$ET(t,this[t])),this._$EM()}updated(e){}firstUpdated(e){}};H.elementStyles=[],H.shadowRootOptions={mode:"open"},H[R("elementProperties")]=new Map,H[R("finalized")]=new Map,zt?.({ReactiveElement:H}),(ne.reactiveElementVersions??=[]).push("2.1.2");const me=globalThis,Ce=e=>e,Q=me.trustedTypes,Te=Q?Q.createPolicy("lit-html",{createHTML:e=>e}):void 0,Qe="$lit$",k=`lit$${Math.random().toFixed(9).slice(2)}$`,Xe="?"+k,Pt=`<${Xe}>`,O=document,B=()=>O.createComment(""),F=e=>e===null||typeof e!="object"&&typeof e!="function",fe=Array.isArray,Ut=e=>fe(e)||typeof e?.[Symbol.iterator]=="function",re=`[ 	
\f\r]`,P=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Me=/-->/g,Ne=/>/g,T=RegExp(`>|${re}(?:([^\\s"'>=/]+)(${re}*=${re}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),Le=/'/g,Oe=/"/g,et=/^(?:script|style|textarea|title)$/i,tt=e=>(t,...s)=>({_$litType$:e,strings:t,values:s}),p=tt(1),st=tt(2),D=Symbol.for("lit-noChange"),h=Symbol.for("lit-nothing"),He=new WeakMap,N=O.createTreeWalker(O,129);function nt(e,t){if(!fe(e)||!e.hasOwnProperty("raw"))throw Error("invalid template strings array");return Te!==void 0?Te.createHTML(t):t}const Rt=(e,t)=>{const s=e.length-1,n=[];let i,o=t===2?"<svg>":t===3?"<math>":"",r=P;for(let l=0;l<s;l++){const a=e[l];let c,d,u=-1,m=0;for(;m<a.length&&(r.lastIndex=m,d=r.exec(a),d!==null);)m=r.lastIndex,r===P?d[1]==="!--"?r=Me:d[1]!==void 0?r=Ne:d[2]!==void 0?(et.test(d[2])&&(i=RegExp("</"+d[2],"g")),r=T):d[3]!==void 0&&(r=T):r===T?d[0]===">"?(r=i??P,u=-1):d[1]===void 0?u=-2:(u=r.lastIndex-d[2].length,c=d[1],r=d[3]===void 0?T:d[3]==='"'?Oe:Le):r===Oe||r===Le?r=T:r===Me||r===Ne?r=P:(r=T,i=void 0);const _=r===T&&e[l+1].startsWith("/>")?" ":"";o+=r===P?a+Pt:u>=0?(n.push(c),a.slice(0,u)+Qe+a.slice(u)+k+_):a+k+(u===-2?l:_)}return[nt(e,o+(e[s]||"<?>")+(t===2?"</svg>":t===3?"</math>":"")),n]};class W{constructor({strings:t,_$litType$:s},n){let i;this.parts=[];let o=0,r=0;const l=t.length-1,a=this.parts,[c,d]=Rt(t,s);if(this.el=W.createElement(c,n),N.currentNode=this.el.content,s===2||s===3){const u=this.el.content.firstChild;u.replaceWith(...u.childNodes)}for(;(i=N.nextNode())!==null&&a.length<l;){if(i.nodeType===1){if(i.hasAttributes())for(const u of i.getAttributeNames())if(u.endsWith(Qe)){const m=d[r++],_=i.getAttribute(u).split(k),w=/([.?@])?(.*)/.exec(m);a.push({type:1,index:o,name:w[2],strings:_,ctor:w[1]==="."?jt:w[1]==="?"?Bt:w[1]==="@"?Ft:oe}),i.removeAttribute(u)}else u.startsWith(k)&&(a.push({type:6,index:o}),i.removeAttribute(u));if(et.test(i.tagName)){const u=i.textContent.split(k),m=u.length-1;if(m>0){i.textContent=Q?Q.emptyScript:"";for(let _=0;_<m;_++)i.append(u[_],B()),N.nextNode(),a.push({type:2,index:++o});i.append(u[m],B())}}}else if(i.nodeType===8)if(i.data===Xe)a.push({type:2,index:o});else{let u=-1;for(;(u=i.data.indexOf(k,u+1))!==-1;)a.push({type:7,index:o}),u+=k.length-1}o++}}static createElement(t,s){const n=O.createElement("template");return n.innerHTML=t,n}}function z(e,t,s=e,n){if(t===D)return t;let i=n!==void 0?s._$Co?.[n]:s._$Cl;const o=F(t)?void 0:t._$litDirective$;return i?.constructor!==o&&(i?._$AO?.(!1),o===void 0?i=void 0:(i=new o(e),i._$AT(e,s,n)),n!==void 0?(s._$Co??=[])[n]=i:s._$Cl=i),i!==void 0&&(t=z(e,i._$AS(e,t.values),i,n)),t}class It{constructor(t,s){this._$AV=[],this._$AN=void 0,this._$AD=t,this._$AM=s}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(t){const{el:{content:s},parts:n}=this._$AD,i=(t?.creationScope??O).importNode(s,!0);N.currentNode=i;let o=N.nextNode(),r=0,l=0,a=n[0];for(;a!==void 0;){if(r===a.index){let c;a.type===2?c=new G(o,o.nextSibling,this,t):a.type===1?c=new a.ctor(o,a.name,a.strings,this,t):a.type===6&&(c=new Wt(o,this,t)),this._$AV.push(c),a=n[++l]}r!==a?.index&&(o=N.nextNode(),r++)}return N.currentNode=O,i}p(t){let s=0;for(const n of this._$AV)n!==void 0&&(n.strings!==void 0?(n._$AI(t,n,s),s+=n.strings.length-2):n._$AI(t[s])),s++}}class G{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(t,s,n,i){this.type=2,this._$AH=h,this._$AN=void 0,this._$AA=t,this._$AB=s,this._$AM=n,this.options=i,this._$Cv=i?.isConnected??!0}get parentNode(){let t=this._$AA.parentNode;const s=this._$AM;return s!==void 0&&t?.nodeType===11&&(t=s.parentNode),t}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(t,s=this){t=z(this,t,s),F(t)?t===h||t==null||t===""?(this._$AH!==h&&this._$AR(),this._$AH=h):t!==this._$AH&&t!==D&&this._(t):t._$litType$!==void 0?this.$(t):t.nodeType!==void 0?this.T(t):Ut(t)?this.k(t):this._(t)}O(t){return this._$AA.parentNode.insertBefore(t,this._$AB)}T(t){this._$AH!==t&&(this._$AR(),this._$AH=this.O(t))}_(t){this._$AH!==h&&F(this._$AH)?this._$AA.nextSibling.data=t:this.T(O.createTextNode(t)),this._$AH=t}$(t){const{values:s,_$litType$:n}=t,i=typeof n=="number"?this._$AC(t):(n.el===void 0&&(n.el=W.createElement(nt(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===i)this._$AH.p(s);else{const o=new It(i,this),r=o.u(this.options);o.p(s),this.T(r),this._$AH=o}}_$AC(t){let s=He.get(t.strings);return s===void 0&&He.set(t.strings,s=new W(t)),s}k(t){fe(this._$AH)||(this._$AH=[],this._$AR());const s=this._$AH;let n,i=0;for(const o of t)i===s.length?s.push(n=new G(this.O(B()),this.O(B()),this,this.options)):n=s[i],n._$AI(o),i++;i<s.length&&(this._$AR(n&&n._$AB.nextSibling,i),s.length=i)}_$AR(t=this._$AA.nextSibling,s){for(this._$AP?.(!1,!0,s);t!==this._$AB;){const n=Ce(t).nextSibling;Ce(t).remove(),t=n}}setConnected(t){this._$AM===void 0&&(this._$Cv=t,this._$AP?.(t))}}class oe{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(t,s,n,i,o){this.type=1,this._$AH=h,this._$AN=void 0,this.element=t,this.name=s,this._$AM=i,this.options=o,n.length>2||n[0]!==""||n[1]!==""?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=h}_$AI(t,s=this,n,i){const o=this.strings;let r=!1;if(o===void 0)t=z(this,t,s,0),r=!F(t)||t!==this._$AH&&t!==D,r&&(this._$AH=t);else{const l=t;let a,c;for(t=o[0],a=0;a<o.length-1;a++)c=z(this,l[n+a],s,a),c===D&&(c=this._$AH[a]),r||=!F(c)||c!==this._$AH[a],c===h?t=h:t!==h&&(t+=(c??"")+o[a+1]),this._$AH[a]=c}r&&!i&&this.j(t)}j(t){t===h?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,t??"")}}class jt extends oe{constructor(){super(...arguments),this.type=3}j(t){this.element[this.name]=t===h?void 0:t}}class Bt extends oe{constructor(){super(...arguments),this.type=4}j(t){this.element.toggleAttribute(this.name,!!t&&t!==h)}}class Ft extends oe{constructor(t,s,n,i,o){super(t,s,n,i,o),this.type=5}_$AI(t,s=this){if((t=z(this,t,s,0)??h)===D)return;const n=this._$AH,i=t===h&&n!==h||t.capture!==n.capture||t.once!==n.once||t.passive!==n.passive,o=t!==h&&(n===h||i);i&&this.element.removeEventListener(this.name,this,n),o&&this.element.addEventListener(this.name,this,t),this._$AH=t}handleEvent(t){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,t):this._$AH.handleEvent(t)}}class Wt{constructor(t,s,n){this.element=t,this.type=6,this._$AN=void 0,this._$AM=s,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(t){z(this,t)}}const Gt=me.litHtmlPolyfillSupport;Gt?.(W,G),(me.litHtmlVersions??=[]).push("3.3.3");const qt=(e,t,s)=>{const n=s?.renderBefore??t;let i=n._$litPart$;if(i===void 0){const o=s?.renderBefore??null;n._$litPart$=i=new G(t.insertBefore(B(),o),o,void 0,s??{})}return i._$AI(e),i},_e=globalThis;class I extends H{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){const t=super.createRenderRoot();return this.renderOptions.renderBefore??=t.firstChild,t}update(t){const s=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(t),this._$Do=qt(s,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return D}}I._$litElement$=!0,I.finalized=!0,_e.litElementHydrateSupport?.({LitElement:I});const Vt=_e.litElementPolyfillSupport;Vt?.({LitElement:I}),(_e.litElementVersions??=[]).push("4.2.2");const ot={type:`${C}/houses`},Kt=5e3;class Zt{constructor(t){this.host=t,this.houses=null,this.connection=null,this.unsubscribe=null,this.attempt=0,this.shown=!1,this.begin=async()=>{const s=++this.attempt;clearTimeout(this.later);try{const n=await this.connection?.subscribeMessage(({houses:i})=>this.take(s,i),ot,{resubscribe:!1});s===this.attempt?this.unsubscribe=n??null:n?.().catch(()=>{})}catch{s===this.attempt&&(this.later=setTimeout(this.begin,Kt))}},t.addController(this)}follow(t){t.connection!==this.connection&&(this.stop(),this.connection=t.connection,this.start())}hostConnected(){this.shown=!0,this.start()}hostDisconnected(){this.shown=!1,this.stop()}start(){this.connection!==null&&this.shown&&(this.connection.addEventListener("ready",this.begin),this.begin())}stop(){this.connection?.removeEventListener("ready",this.begin),clearTimeout(this.later),this.attempt+=1,this.unsubscribe?.().catch(()=>{}),this.unsubscribe=null}take(t,s){t===this.attempt&&(this.houses=s,this.host.requestUpdate())}}async function Yt(e){return new Promise(t=>{let s,n=!1;const i=({houses:o})=>{n=!0,t(o),s?.().catch(()=>{})};e.connection.subscribeMessage(i,ot,{resubscribe:!1}).then(o=>{s=o,n&&o().catch(()=>{})},()=>t([]))})}const Jt=[["connectors",["plugged_in","charging_status","status"]],["cars",["connected_to"]],["buses",["connected","total_power"]],["shared",["default_mode","surplus_power","input_state"]]];function ye(e){const t=new Map;for(const n of Object.values(e.entities)){const i=n.device_id===void 0?void 0:e.devices[n.device_id];if(n.platform!==C||n.translation_key===void 0||i===void 0)continue;const o=t.get(i.id)??Qt(i);t.set(i.id,o),o.its[n.translation_key]=n.entity_id,n.hidden===!0&&o.hidden.add(n.translation_key)}const s={buses:[],connectors:[],cars:[],shared:[]};for(const n of[...t.values()].sort((i,o)=>i.name.localeCompare(o.name,void 0,{numeric:!0}))){const i=Jt.find(([,o])=>o.some(r=>r in n.its))?.[0];i!==void 0&&s[i].push(n)}return s.shared.length===0&&(s.shared=s.buses),s}function Qt(e){return{device:e.id,name:e.name_by_user??e.name??"",entry:e.primary_config_entry??e.config_entries[0]??"",known:e.identifiers.find(([t])=>t===C)?.[1]??"",its:{},hidden:new Set}}function be(e,t,s){const n=e.states[s.its.car??""]?.attributes.recognised_car,i=t.cars.filter(o=>e.states[o.its.connected_to??""]?.state===s.name);return i.find(o=>o.name===n||o.entry===s.entry)??i[0]??null}function it(e,t){return e.states[t.its.plugged_in??""]?.state==="on"}const Xt=6e4,es=864e5,ts=31,ss=366,V=new Map;async function ns(e,t){const s=await De(e,ts);return s.sessions.length>=t?s:De(e,ss)}function os(){V.clear()}async function De(e,t){const s=V.get(String(t));if(s!==void 0&&Date.now()-s.at<Xt)return s.answer;const n=new Date(Date.now()-t*es).toISOString(),i=e.callService(C,"get_sessions",{start:n},void 0,!1,!0).then(({response:o})=>o);return V.set(String(t),{at:Date.now(),answer:i}),i.catch(()=>V.delete(String(t))),i}const is={follow_bus:"mdi:source-branch",off:"mdi:power",solar:"mdi:white-balance-sunny",solar_min:"mdi:weather-partly-cloudy",fast:"mdi:flash"},rs=new Set(["sentence","friendly_name","device_class","options","icon","attribution","restored"]);function as(e,t,s,n,i,o,r){const l=it(e,s)?be(e,t,s):null,a=l===null?s.name:`${s.name} \xB7 ${l.name}`,c=`h-${s.device}`,d=o?l?.name??s.name:a;return p`
    <section class="connector" aria-labelledby=${c}>
      <h3 id=${c} class=${o&&l===null?"unseen":""}>${d}</h3>
      ${n.has("decision")?ls(e,s):h}
      ${n.has("mode")?cs(e,s,a,r):h}
      ${n.has("limit")?us(e,s,a,i,r):h}
    </section>
  `}function ls(e,t){const s=J(e,t.its.decision)??J(e,t.its.status);if(s===null){const o=e.states[t.its.status??""];return o===void 0?h:p`<p class="sentence">${e.formatEntityState(o)}</p>`}const n=s.attributes.sentence,i=Object.entries(s.attributes).filter(([o,r])=>!rs.has(o)&&r!==null);return p`
    <p class="sentence">${typeof n=="string"?n:e.formatEntityState(s)}</p>
    ${i.length===0?h:p`<details>
          <summary>${g(e,"terms")}</summary>
          <dl>
            ${i.map(([o])=>p`
                <div>
                  <dt>${e.formatEntityAttributeName(s,o)}</dt>
                  <dd>${e.formatEntityAttributeValue(s,o)}</dd>
                </div>
              `)}
          </dl>
        </details>`}
  `}function cs(e,t,s,n){const i=e.states[t.its.charge_mode??""];if(i===void 0||t.hidden.has("charge_mode"))return h;const o=i.attributes.options??[],r=se(e,"select","charge_mode","mode"),l=i.state==="unavailable";return p`
    <div class="modes" role="group" aria-label="${s}: ${r}">
      ${o.map(a=>p`
          <button
            type="button"
            class="mode"
            aria-pressed=${i.state===a?"true":"false"}
            ?disabled=${l}
            @click=${()=>n.setMode(i.entity_id,a)}
          >
            <ha-icon .icon=${is[a]??"mdi:ev-station"} aria-hidden="true"></ha-icon>
            <span>${e.formatEntityState(i,a)}</span>
          </button>
        `)}
      ${ds(e,t,n)}
    </div>
  `}function ds(e,t,s){const n=e.states[t.its.charge_now??""];if(n===void 0||t.hidden.has("charge_now"))return h;const i=n.state==="on";return p`
    <button
      type="button"
      class="mode now"
      aria-pressed=${i?"true":"false"}
      ?disabled=${n.state==="unavailable"}
      @click=${()=>s.setSwitch(n.entity_id,!i)}
    >
      <ha-icon .icon=${i?"mdi:play-circle":"mdi:play-circle-outline"} aria-hidden="true"></ha-icon>
      <span>${se(e,"switch","charge_now","now")}</span>
    </button>
  `}function us(e,t,s,n,i){const o=e.states[t.its.current_limit??""];if(o===void 0||t.hidden.has("current_limit"))return h;const r=se(e,"number","current_limit","limit"),{min:l,max:a}=o.attributes,c=Number(o.state),d=i.wanted.get(o.entity_id)??(Number.isFinite(c)?c:l),u=o.state==="unavailable",m=(_,w)=>{const $=_.target.valueAsNumber;Number.isFinite($)&&i.setLimit(o.entity_id,Math.min(a,Math.max(l,Math.round($))),w)};return p`
    <div class="limit">
      <span class="title" aria-hidden="true">${r}</span>
      <input
        type="range"
        aria-label="${s}: ${r}"
        aria-valuetext="${d} A"
        min=${l}
        max=${a}
        step=${n}
        style="--at:${100*(d-l)/Math.max(1,a-l)}%"
        .value=${String(d)}
        ?disabled=${u}
        @input=${_=>m(_,!1)}
        @change=${_=>m(_,!0)}
      />
      <label class="figure">
        <span class="unseen">${s}: ${r}</span>
        <input
          type="number"
          inputmode="numeric"
          min=${l}
          max=${a}
          .value=${String(d)}
          ?disabled=${u}
          @change=${_=>m(_,!0)}
        />
        A
      </label>
    </div>
  `}function X(e,t,s){const n={minimumFractionDigits:s,maximumFractionDigits:s};return new Intl.NumberFormat(e.locale.language,n).format(t)}function we(e,t){const s=Math.abs(t);return s<1e3?`${X(e,Math.round(s),0)} W`:`${X(e,s/1e3,1)} kW`}function K(e,t){return`${X(e,t,1)} kWh`}function ae(e,t){return X(e,t,t%1===0?0:1)}function rt(e,t){return new Intl.NumberFormat(e.locale.language,{style:"percent"}).format(t/100)}function hs(e,t){const s={style:"currency",currency:e.config.currency};return new Intl.NumberFormat(e.locale.language,s).format(t)}function ps(e,t){return new Intl.DateTimeFormat(e.locale.language,{day:"numeric",month:"short",hour:"2-digit",minute:"2-digit",...ze(e)===void 0?{}:{timeZone:ze(e)},...e.locale.time_format==="24"?{hour12:!1}:e.locale.time_format==="12"?{hour12:!0}:{}}).format(new Date(t))}function ze(e){return e.locale.time_zone==="server"?e.config.time_zone:void 0}const Pe=15;function gs(e,t){if(e===null||e.watts.grid===null&&e.watts.solar===null)return{sources:[],loads:t,ribbons:[]};const{grid:s,battery:n,solar:i}=e.watts,o=t.reduce((y,b)=>y+b.watts,0),r=new Map,{sun:l,home:a}=ms(e,o);l!==null&&r.set(i===null?"surplus":"sun",l),n!==null&&r.set("battery",Math.max(0,-n)),s!==null&&r.set("grid",Math.max(0,s));const c=[...r].map(([y,b])=>({id:y,watts:b})),d=[],u=(y,b,x)=>{const S=Math.min(r.get(y)??0,x);return S>0&&(r.set(y,(r.get(y)??0)-S),d.push({from:y,to:b,watts:S})),x-S},m=i===null?"surplus":"sun";fs(t,o,r,m,u);const _=[["home",a,[m,"battery","grid"]],["battery",n===null?null:Math.max(0,n),[m,"grid"]],["grid",s===null?null:Math.max(0,-s),[m,"battery"]]];for(const[y,b,x]of _)x.reduce((S,ie)=>u(ie,y,S),b??0);const w=_.flatMap(([y,b])=>b===null||y!=="home"&&b<Pe?[]:[{id:y,watts:b}]),$=new Set(w.map(({id:y})=>y));return{sources:c.filter(({id:y})=>!$.has(y)),loads:[...w,...t],ribbons:d.filter(({from:y,watts:b})=>b>=Pe&&!$.has(y))}}function ms(e,t){const{grid:s,battery:n,solar:i,home:o}=e.watts;if(i!==null||s===null)return{sun:i,home:o};const r=t+(n??0)-s;return r>0?{sun:r,home:null}:{sun:0,home:o??-r}}function fs(e,t,s,n,i){const o=Math.min(s.get("grid")??0,t),r=Math.min(s.get("battery")??0,t-o);for(const l of e){const a=t>0?l.watts/t:0;i("grid",l.id,o*a),i("battery",l.id,r*a),i(n,l.id,Math.max(0,l.watts-(o+r)*a))}}const _s=72,Ue=8,ys=44,bs={sun:"mdi:solar-power-variant",surplus:"mdi:solar-power-variant",battery:"mdi:home-battery",grid:"mdi:transmission-tower",home:"mdi:home"};function ws(e,t){const{hass:s,connectors:n,now:i}=e,o=n.map(a=>({id:a.device,watts:Y(s,a.its.charging_power)??0})),r=gs(i,o),l=Math.max(r.sources.length,r.loads.length)*(_s+Ue)-Ue;return p`
    <section class="flow ${r.sources.length===0?"bare":""}" aria-label=${g(s,"flow")}>
      <div class="side" style="height:${l}px">
        ${r.sources.map(({id:a,watts:c})=>Re(e,a,c,t))}
      </div>
      ${r.sources.length===0?h:As(e,r,l)}
      <div class="side" style="height:${l}px">
        ${r.loads.map(({id:a,watts:c})=>{const d=n.find(u=>u.device===a);return d===void 0?Re(e,a,c,t):$s(e,d,c,t)})}
      </div>
    </section>
  `}function Re({hass:e,now:t},s,n,i){const o=t?.entities[s==="sun"||s==="surplus"?"solar":s]?.[0],r=s==="battery"&&t?.battery_soc!=null?p` · ${rt(e,t.battery_soc)}`:h;return at(s,bs[s]??"mdi:flash",g(e,s),p`${we(e,n)}${r}`,h,o===void 0?void 0:()=>Ve(i,o))}function $s({hass:e,house:t,connectors:s},n,i,o){const{its:r}=n,l=it(e,n),a=l?be(e,t,n):null,c=Y(e,r.offered_current),d=Y(e,r.charging_current),u=J(e,r.status)??(r.status===void 0?void 0:e.states[r.status]),m=Math.max(...s.map($=>vs(e,$)),c??0,1),_=!l||d===null?"":c===null?g(e,"amps_drawn",{drawn:ae(e,d)}):g(e,"amps",{drawn:ae(e,d),offered:ae(e,c)}),w=r.charging_power??r.status;return at(l?"car":"car idle",l?"mdi:car-electric":"mdi:ev-station",a?.name??n.name,i>=1?p`${we(e,i)}`:p`${u==null?"":e.formatEntityState(u)}`,p`${_===""?h:p`<span class="detail">${_}</span>`}<span class="bar" aria-hidden="true">
      <span class="offered" style="width:${100*(c??0)/m}%"></span>
      <span class="drawn" style="width:${100*(d??0)/m}%"></span>
    </span>`,w===void 0?void 0:()=>Ve(o,w))}function vs(e,t){const s=e.states[t.its.current_limit??""]?.attributes.max;return typeof s=="number"?s:Y(e,t.its.rated_current)??32}function at(e,t,s,n,i,o){const r=p`
    <ha-icon .icon=${t} aria-hidden="true"></ha-icon>
    <span class="words"><span class="name">${s}</span><span class="value">${n}</span>${i}</span>
  `;return o===void 0?p`<div class="node ${e}">${r}</div>`:p`<button type="button" class="node ${e}" @click=${o}>${r}</button>`}function As({hass:e,house:t,connectors:s},n,i){const o=xs(n),r=je(n.sources,i),l=je(n.loads,i),a=n.ribbons.map(d=>{const{from:u,to:m,watts:_}=d,w=v=>l.get(v.to)??0,$=v=>r.get(v.from)??0,y=o(_)/2,b=Ie(d,n.ribbons.filter(v=>v.from===u),$(d),w,o),x=Ie(d,n.ribbons.filter(v=>v.to===m),w(d),$,o),S=v=>`${b+v} C50,${b+v} 50,${x+v} 100,${x+v}`,ie=`C50,${x+y} 50,${b+y} 0,${b+y}Z`;return st`
      <path class="ribbon ${u}" d="M0,${S(-y)} L100,${x+y} ${ie}" />
      <path class="current ${u}" d="M0,${S(0)}" />
    `}),c=d=>{const u=s.find(m=>m.device===d);return u===void 0?g(e,d):be(e,t,u)?.name??u.name};return p`
    <svg class="ribbons" viewBox="0 0 100 ${i}" preserveAspectRatio="none" style="height:${i}px" aria-hidden="true">
      ${a}
    </svg>
    <ul class="unseen">
      ${n.ribbons.map(({from:d,to:u,watts:m})=>{const _={from:c(d),to:c(u),power:we(e,m)};return p`<li>${g(e,"from_to",_)}</li>`})}
    </ul>
  `}function Ie(e,t,s,n,i){const o=[...t].sort((a,c)=>n(a)-n(c)),r=t.reduce((a,c)=>a+i(c.watts),0),l=o.slice(0,o.indexOf(e)).reduce((a,c)=>a+i(c.watts),0);return s-r/2+l+i(e.watts)/2}function xs(e){const t=Math.max(...[e.sources,e.loads].map(s=>s.reduce((n,i)=>n+i.watts,0)),1);return s=>Math.max(2,s/t*ys)}function je(e,t){const s=t/e.length;return new Map(e.map(({id:n},i)=>[n,s*(i+.5)]))}function Ss(e,t,s,n,i){if(s===null)return h;const o=p`<h3 id="charges">${g(e,"charges")}</h3>`;if(s==="failed")return p`<section aria-labelledby="charges">${o}<p class="quiet">${g(e,"no_list")}</p></section>`;const r=new Set(t.map(c=>c.name)),l=s.sessions.filter(c=>!i||r.has(c.wall_connector)).sort((c,d)=>Date.parse(d.start)-Date.parse(c.start)).slice(0,n);if(l.length===0)return p`<section aria-labelledby="charges">${o}<p class="quiet">${g(e,"no_charges")}</p></section>`;const a=l.some(c=>c.cost!==null);return p`
    <section aria-labelledby="charges">
      ${o}
      <table aria-labelledby="charges">
        <thead>
          <tr>
            <th scope="col">${g(e,"start")}</th>
            <th scope="col">${se(e,"select","car","cars")}</th>
            <th scope="col" class="figure">${g(e,"energy")}</th>
            <th scope="col" class="figure">${g(e,"from_sun")}</th>
            ${a?p`<th scope="col" class="figure">${g(e,"cost")}</th>`:h}
          </tr>
        </thead>
        <tbody>
          ${l.map(c=>Es(e,c,a))}
        </tbody>
      </table>
    </section>
  `}function Es(e,t,s){return p`
    <tr>
      <td>${ps(e,t.start)}${t.end===null?p` <em>(${g(e,"going_on")})</em>`:h}</td>
      <td>${t.car??t.wall_connector}</td>
      <td class="figure">${K(e,t.energy)}</td>
      <td class="figure">${t.sun_share===null?"\u2013":rt(e,t.sun_share)}</td>
      ${s?p`<td class="figure">${t.cost===null?"\u2013":hs(e,t.cost)}</td>`:h}
    </tr>
  `}const ks=kt`
  :host {
    display: block;
    container-type: inline-size;
    --sun: var(--energy-solar-color, #ff9800);
    --grid: var(--energy-grid-consumption-color, #488fc2);
    --battery: var(--energy-battery-out-color, #4db6ac);
    --cars: var(--primary-color, #03a9f4);
    --line: var(--divider-color, #e0e0e0);
  }
  ha-card {
    padding: 16px;
    display: flex;
    flex-direction: column;
    gap: 16px;
    color: var(--primary-text-color);
  }
  h2, h3, p, dl, dd, ul { margin: 0; }
  h2 { font-size: 1.4rem; font-weight: 400; line-height: 1.3; }
  h3 { font-size: 1rem; font-weight: 500; line-height: 1.4; }
  section { display: flex; flex-direction: column; gap: 8px; }
  .quiet { color: var(--secondary-text-color); }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    cursor: pointer;
    text-align: start;
  }
  button:disabled, input:disabled { cursor: default; opacity: 0.5; }
  :is(button, input, summary):focus-visible {
    outline: 2px solid var(--primary-text-color);
    outline-offset: 2px;
  }

  .flow {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(28px, 1fr) minmax(0, 3fr);
    gap: 0;
  }
  .flow.bare { grid-template-columns: 1fr; }
  .flow.bare .side:first-child { display: none; }
  .side { display: flex; flex-direction: column; justify-content: space-around; }
  .node {
    box-sizing: border-box;
    height: 72px;
    min-width: 0;
    padding: 4px 8px;
    display: flex;
    align-items: center;
    gap: 8px;
    border: 1px solid var(--line);
    border-radius: 12px;
  }
  button.node:hover { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
  .node ha-icon { flex: none; --mdc-icon-size: 22px; color: var(--secondary-text-color); }
  .node.sun, .node.surplus { border-color: var(--sun); }
  .node.grid { border-color: var(--grid); }
  .node.battery { border-color: var(--battery); }
  .node.car { border-color: var(--cars); }
  .node.idle { border-color: var(--line); }
  .words { min-width: 0; flex: 1; display: flex; flex-direction: column; line-height: 1.25; }
  .words .name, .words .value, .words .detail { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .words .name { font-size: 0.8rem; color: var(--secondary-text-color); }
  .words .value { font-size: 0.95rem; }
  .words .detail { font-size: 0.75rem; color: var(--secondary-text-color); }
  .bar { position: relative; height: 4px; margin-top: 3px; border-radius: 2px; background: var(--line); overflow: hidden; }
  .bar span { position: absolute; inset: 0 auto 0 0; border-radius: 2px; transition: width 0.6s; }
  .bar .offered { background: color-mix(in srgb, var(--cars) 35%, transparent); }
  .bar .drawn { background: var(--cars); }

  .ribbons { width: 100%; overflow: visible; }
  .ribbon { opacity: 0.35; fill: var(--from); }
  .ribbons .sun, .ribbons .surplus { --from: var(--sun); }
  .ribbons .grid { --from: var(--grid); }
  .ribbons .battery { --from: var(--battery); }
  .current {
    fill: none;
    stroke: var(--from);
    stroke-width: 2;
    vector-effect: non-scaling-stroke;
    stroke-dasharray: 6 14;
    animation: run 1.4s linear infinite;
  }
  @keyframes run { to { stroke-dashoffset: -20; } }

  .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.9rem; }
  .legend span::before {
    content: "";
    display: inline-block;
    width: 10px;
    height: 10px;
    margin-inline-end: 6px;
    border-radius: 3px;
    background: var(--sun);
  }
  .legend .cars::before { background: var(--cars); }
  .today { width: 100%; height: 80px; border-bottom: 1px solid var(--line); }
  .today .hour { stroke: var(--line); vector-effect: non-scaling-stroke; }
  .today .sun { fill: color-mix(in srgb, var(--sun) 45%, transparent); }
  .today .cars { fill: color-mix(in srgb, var(--cars) 70%, transparent); }
  .hours { display: flex; justify-content: space-between; font-size: 0.75rem; color: var(--secondary-text-color); }

  .connector + .connector { border-top: 1px solid var(--line); padding-top: 12px; }
  .sentence { line-height: 1.45; }
  summary { cursor: pointer; font-size: 0.9rem; color: var(--secondary-text-color); padding: 4px 0; }
  dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 2px 24px; font-size: 0.85rem; }
  dl div { display: flex; justify-content: space-between; gap: 8px; border-bottom: 1px solid var(--line); padding: 3px 0; }
  dt { color: var(--secondary-text-color); }
  dd { text-align: end; }

  .modes { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
  .mode {
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 4px;
    min-height: 56px;
    padding: 8px 4px;
    border: 1px solid var(--line);
    border-radius: 12px;
    font-size: 0.8rem;
    line-height: 1.2;
    text-align: center;
  }
  .mode ha-icon { --mdc-icon-size: 22px; }
  .mode:hover:not(:disabled) { background: color-mix(in srgb, var(--primary-text-color) 6%, transparent); }
  .mode[aria-pressed="true"] {
    border-color: var(--cars);
    box-shadow: inset 0 0 0 1px var(--cars);
    background: color-mix(in srgb, var(--cars) 18%, transparent);
    font-weight: 500;
  }

  .limit { display: flex; align-items: center; gap: 12px; }
  .limit .title { flex: none; font-size: 0.9rem; }
  .limit input[type="range"] {
    flex: 1;
    min-width: 60px;
    height: 32px;
    margin: 0;
    appearance: none;
    background: none;
    cursor: pointer;
  }
  input[type="range"]::-webkit-slider-runnable-track {
    height: 8px;
    border-radius: 4px;
    background: linear-gradient(to right, var(--cars) var(--at), var(--line) var(--at));
  }
  input[type="range"]::-moz-range-track { height: 8px; border-radius: 4px; background: var(--line); }
  input[type="range"]::-moz-range-progress { height: 8px; border-radius: 4px; background: var(--cars); }
  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 22px;
    height: 22px;
    margin-top: -7px;
    border-radius: 50%;
    border: 3px solid var(--card-background-color, #fff);
    background: var(--cars);
    box-shadow: 0 0 0 1px var(--cars);
  }
  .limit .figure { flex: none; font-size: 0.95rem; }
  .limit input[type="number"] {
    width: 3.4em;
    padding: 6px;
    font: inherit;
    color: inherit;
    text-align: end;
    background: none;
    border: 1px solid var(--secondary-text-color);
    border-radius: 8px;
  }

  table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
  th { font-weight: 500; text-align: start; color: var(--secondary-text-color); }
  th, td { padding: 6px 4px; border-bottom: 1px solid var(--line); }
  tbody tr:last-child td { border-bottom: 0; }
  th.figure, td.figure { text-align: end; font-variant-numeric: tabular-nums; }

  @container (min-width: 560px) {
    .modes { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  }
  @container (max-width: 420px) {
    .limit { flex-wrap: wrap; }
    .limit .title { width: 100%; }
    .node { padding: 4px 6px; gap: 6px; }
    .flow { grid-template-columns: minmax(0, 2.2fr) minmax(22px, 0.8fr) minmax(0, 3.2fr); }
    th, td { padding: 6px 2px; font-size: 0.8rem; }
  }
  @media (prefers-reduced-motion: reduce) {
    .current { animation: none; }
    .bar span { transition: none; }
  }
`,Cs=3e5,de=288,M=80;async function Ts(e,t,s){const n=Ms(e),i=await e.callWS({type:"recorder/statistics_during_period",start_time:n.toISOString(),statistic_ids:[...t,...s],period:"5minute",types:["mean"],units:{power:"kW"}}),o=r=>{const l=new Array(de).fill(null);for(const{start:a,mean:c}of r.flatMap(d=>i[d]??[])){const d=Math.floor((a-n.getTime())/Cs);d>=0&&d<de&&c!=null&&(l[d]=(l[d]??0)+c)}return l};return{sun:o(t),cars:o(s)}}function Ms(e){const t=new Date,s=new Intl.DateTimeFormat("en-GB",{timeZone:e.config.time_zone,timeStyle:"medium"}).format(t),[n=0,i=0,o=0]=s.split(":").map(Number),r=((n*60+i)*60+o)*1e3+t.getMilliseconds();return new Date(t.getTime()-r)}function Ns(e){return new Intl.DateTimeFormat("en-CA",{timeZone:e.config.time_zone}).format(new Date)}function Ls(e,t,s){const n=t??{sun:[],cars:[]},i=Be(n.sun),o=s?.energy??Be(n.cars);if(i===null&&o===null)return h;const r=[i===null?"":g(e,"today_sun",{energy:K(e,i)}),o===null?"":g(e,"today_cars",{energy:K(e,o)}),s===null||s.energy<.05?"":g(e,"today_cars_sun",{energy:K(e,s.energy_sun)})];return p`
    <section aria-labelledby="today">
      <h3 id="today">${g(e,"today")}</h3>
      <p class="legend">
        ${r[0]?p`<span class="sun">${r[0]}</span>`:h}
        ${r[1]?p`<span class="cars">${r[1]}${r[2]?`, ${r[2]}`:""}</span>`:h}
      </p>
      ${Os(n)}
    </section>
  `}function Be(e){const t=e.filter(s=>s!==null);return t.length===0?null:t.reduce((s,n)=>s+n,0)/12}function Os({sun:e,cars:t}){const s=Math.max(0,...[...e,...t].map(n=>n??0));return s<=0?h:p`
    <svg class="today" viewBox="0 0 ${de} ${M}" preserveAspectRatio="none" aria-hidden="true">
      ${[72,144,216].map(n=>st`<line class="hour" x1=${n} x2=${n} y1="0" y2=${M} />`)}
      <path class="sun" d=${Fe(e,s)} />
      <path class="cars" d=${Fe(t,s)} />
    </svg>
    <div class="hours" aria-hidden="true"><span>0</span><span>6</span><span>12</span><span>18</span><span>24</span></div>
  `}function Fe(e,t){let s="",n=null;return e.forEach((i,o)=>{if(i===null)return;const r=M-i/t*(M-2);(n===null||o-n>12)&&(s+=`${n===null?"":`L${n+1},${M}Z`}M${o},${M}`),s+=`L${o},${r.toFixed(1)}L${o+1},${r.toFixed(1)}`,n=o}),n===null?"":`${s}L${n+1},${M}Z`}const Hs=3e5,Ds=8e3;class zs extends I{constructor(){super(...arguments),this.feed=new Zt(this),this.house=null,this.list=null,this.today=null,this.plugged="",this.wanted=new Map,this.orders={wanted:this.wanted,setMode:(t,s)=>void this.act("select","select_option",t,{option:s}),setSwitch:(t,s)=>void this.act("switch",s?"turn_on":"turn_off",t,{}),setLimit:(t,s,n)=>this.setLimit(t,s,n)},this.dragging=!1}static{this.styles=ks}static{this.properties={hass:{attribute:!1},config:{state:!0}}}static getConfigForm(){return xt()}static getStubConfig(){return{show:[...j]}}setConfig(t){this.config=Ze(t),this.plugged=""}getCardSize(){return 4+3*this.connectors().length}getGridOptions(){return{columns:12,min_columns:6,rows:"auto"}}connectedCallback(){super.connectedCallback(),this.timer=setInterval(()=>void this.ask(),Hs)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.timer)}shouldUpdate(t){const s=t.get("hass"),n=this.hass;return!t.has("hass")||s===void 0||n===void 0||t.size>1||s.entities!==n.entities||s.devices!==n.devices||s.locale!==n.locale||s.localize!==n.localize||s.connected!==n.connected?!0:(this.house===null?[]:[...this.house.connectors,...this.house.cars]).some(({its:i})=>Object.values(i).some(o=>s.states[o]!==n.states[o]))}willUpdate(t){const{hass:s}=this;if(s===void 0||this.config===void 0)return;const n=t.get("hass");(this.house===null||n?.entities!==s.entities||n.devices!==s.devices)&&(this.house=ye(s)),(this.shown.has("flow")||this.shown.has("today"))&&this.feed.follow(s);for(const[i,o]of this.wanted)Number(s.states[i]?.state)===o&&!this.dragging&&this.wanted.delete(i);this.followPlugs(s)}followPlugs(t){const s=this.connectors().map(i=>t.states[i.its.plugged_in??""]?.state),n=JSON.stringify([s,this.sunSensors(),t.connected]);n!==this.plugged&&(this.plugged=n,os(),this.ask())}async ask(){const{hass:t,shown:s}=this;if(t===void 0||!t.connected||!s.has("sessions")&&!s.has("today"))return;const n=this.sunSensors(),i=this.connectors().flatMap(l=>l.its.charging_power??[]),[o,r]=await Promise.all([ns(t,this.config?.sessions??Ae).catch(()=>"failed"),s.has("today")?Ts(t,n,i).catch(()=>null):null]);this.list=o,this.today=r,this.requestUpdate()}get shown(){const t=this.config?.show??[];return new Set(t.length===0?j:t)}connectors(){const t=this.house?.connectors??[],s=this.config?.wall_connectors??[];return s.length===0?t:t.filter(n=>s.includes(n.device))}houseNow(){const t=new Set(this.connectors().map(s=>s.entry));return this.feed.houses?.find(({entry_ids:s})=>s.some(n=>t.has(n)))??null}sunSensors(){return this.houseNow()?.entities.solar??[]}setLimit(t,s,n){this.wanted.set(t,s),this.dragging=!n,this.requestUpdate(),n&&(this.act("number","set_value",t,{value:s}),setTimeout(()=>{!this.dragging&&this.wanted.get(t)===s&&(this.wanted.delete(t),this.requestUpdate())},Ds))}async act(t,s,n,i){try{await this.hass?.callService(t,s,i,{entity_id:n})}catch{this.wanted.delete(n),this.requestUpdate()}}render(){const{hass:t,house:s,config:n,shown:i}=this;if(t===void 0||s===null||n===void 0)return h;const o=this.connectors(),r=n.title?p`<h2>${n.title}</h2>`:h;if(o.length===0)return p`<ha-card>${r}<p class="quiet">${g(t,"no_connectors")}</p></ha-card>`;const l=i.has("decision")||i.has("mode")||i.has("limit"),a=n.step??At,c=(n.wall_connectors??[]).length>0,d=c&&o.length===1&&!n.title,u=this.list===null||this.list==="failed"||c?null:this.list.by_day[Ns(t)]??null;return p`
      <ha-card>
        ${r}
        ${t.connected?h:p`<p class="quiet" role="status">${g(t,"lost")}</p>`}
        ${i.has("flow")?ws({hass:t,house:s,connectors:o,now:this.houseNow()},this):h}
        ${i.has("today")?Ls(t,this.today,u):h}
        ${l?o.map(m=>as(t,s,m,i,a,d,this.orders)):h}
        ${i.has("sessions")?Ss(t,o,this.list,n.sessions??Ae,c):h}
      </ha-card>
    `}}const Ps=[500,2e3,5e3,15e3];function lt(e,t){We(e,t);for(const s of Ps)setTimeout(()=>We(e,t),s)}function We(e,t){if(customElements.get(e)===void 0)try{customElements.define(e,t)}catch{customElements.define(e,class extends t{})}}function ct(e,t){const s=window,n=s[e]??=[];n.some(i=>i.type===t.type)||n.push(t)}const Us=["home-assistant","home-assistant-main","ha-panel-lovelace","hui-root"];function Rs(e){let t=null;for(const i of Us)if(t=(t===null?document:t.shadowRoot??t).querySelector(i),t===null)return;const{rawConfig:s,config:n}=t?.lovelace??{};s?.strategy?.type===e&&n?.views?.[0]?.title==="Error"&&t?.dispatchEvent(new CustomEvent("config-refresh",{bubbles:!0,composed:!0}))}function Is(e,t){const s=e.entities[t];if(s?.platform!==C)return null;const n=`custom:${L}`,{connectors:i}=ye(e),o=i.find(r=>r.device===s.device_id);return o===void 0?[{config:{type:n}}]:[{config:{type:n,wall_connectors:[o.device]}}]}function E(e,t){return t.length===0?null:{type:"grid",cards:[e,...t]}}function A(e,t,s=[]){return{type:"heading",heading:e,heading_style:"title",icon:t,...s.length===0?{}:{badges:s.map(n=>({type:"entity",entity:n}))}}}function f(e,t,{columns:s=12,feature:n,more:i={}}={}){return t.filter(o=>o in e.its&&!e.hidden.has(o)).map(o=>({type:"tile",entity:e.its[o],name:{type:"entity"},grid_options:{columns:s},...n===void 0?{}:{features:[n]},...i}))}function Z(e,t){return t.flatMap(s=>e.hidden.has(s)?[]:e.its[s]??[])}function ue(e){return e.filter(t=>t!==null)}const ee={type:"trend-graph",hours_to_show:6};function js(e,t,s){const n=[...Bs(t,s),...ue(t.connectors.map(Ws)),...ue(t.cars.map(Gs))];return{title:g(e,"view_charging"),path:"charging",icon:"mdi:ev-station",type:"sections",max_columns:Math.min(4,Math.max(1,n.length)),dense_section_placement:!0,sections:n}}function Bs(e,t){if(e.connectors.length===0)return[{type:"grid",cards:[{type:`custom:${L}`},...e.buses.flatMap(n=>f(n,["connected"]))]}];const s=Fs(e.connectors,t);return s.map(n=>{const i=new Set(n.map(l=>l.entry)),o=e.shared.filter(l=>s.length===1||i.has(l.entry)),r=s.length===1?{}:{wall_connectors:n.map(l=>l.device)};return{type:"grid",cards:[{type:`custom:${L}`,show:["flow","today"],...r},...o.flatMap(l=>[...f(l,["default_mode"],{feature:{type:"select-options"}}),...f(l,["surplus_power"],{columns:6,feature:ee}),...f(l,["available_current"],{columns:6,feature:ee}),...f(l,["dimmed"])])]}})}function Fs(e,t){const s=new Map;for(const n of e){const i=t.findIndex(({entry_ids:o})=>o.includes(n.entry));s.set(i,[...s.get(i)??[],n])}return[...s.values()]}function Ws(e){const t={wall_connectors:[e.device]};return E(A(e.name,"mdi:ev-station",Z(e,["plugged_in","charging_power"])),[{type:`custom:${L}`,show:["decision","mode","limit"],...t},...f(e,["status"]),...f(e,["charging_current"],{columns:6,feature:ee}),...f(e,["offered_current"],{columns:6,feature:ee}),...f(e,["session_energy","session_sun_energy"]),...f(e,["charging_enabled"],{feature:{type:"toggle"}}),...f(e,["car"],{feature:{type:"select-options"}})])}function Gs(e){return E(A(e.name,"mdi:car-electric"),[...f(e,["connected_to"]),...f(e,["car_soc"],{feature:{type:"bar-gauge"}}),...f(e,["car_charge_mode"],{feature:{type:"select-options"}}),...f(e,["car_energy_today","car_energy_month","car_last_session_energy","car_sun_share"],{columns:6})])}const qs=[["sun","sun","#ff9800"],["battery","battery","#4db6ac"],["grid","grid","#488fc2"],["unknown",null,"#9e9e9e"]];async function Vs(e,t){const s=await Ks(e),n=[...t.connectors,...t.cars].flatMap(a=>Zs(e,a,s)),i=t.connectors.flatMap(a=>Z(a,["offered_current","charging_current"]).map(c=>({entity:c}))),o=[...t.shared.flatMap(a=>Z(a,["surplus_power"])),...t.connectors.flatMap(a=>Z(a,["charging_power"]))].map(a=>({entity:a})),r=a=>({type:"history-graph",hours_to_show:24,entities:a,grid_options:{columns:"full"}}),l=[{type:"grid",column_span:2,cards:[{type:`custom:${L}`,show:["sessions"],sessions:30,grid_options:{columns:"full"}}]},...n.length===0?[]:[{type:"grid",cards:[A(g(e,"days"),"mdi:chart-bar"),...n]}],{type:"grid",column_span:2,cards:[A(g(e,"day"),"mdi:chart-line"),...[i,o].filter(a=>a.length>0).map(a=>({...r(a),type:"history-graph"}))]}];return{title:g(e,"view_history"),path:"history",icon:"mdi:chart-bar",type:"sections",max_columns:3,sections:l}}async function Ks(e){try{const t=await e.callWS({type:"recorder/list_statistic_ids",statistic_type:"sum"});return new Set(t.map(s=>s.statistic_id))}catch{return new Set}}function Zs(e,t,s){const n=qs.map(([i,o,r])=>({entity:`${C}:${t.known}_${i}`.toLowerCase(),color:r,...o===null?{}:{name:g(e,o)}})).filter(({entity:i})=>s.has(i));return n.length===0?[]:[{type:"statistics-graph",title:t.name,entities:n,days_to_show:30,period:"day",stat_types:["change"],chart_type:"bar"}]}const Ge={type:"numeric-input",style:"slider"},le={type:"numeric-input",style:"buttons"},qe={type:"toggle"},U=6;function Ys(e,t,s){const n=t.shared.flatMap(a=>[...f(a,["reserve"],{feature:le}),...f(a,["start_grid_share"],{feature:Ge}),...f(a,["shadow"],{feature:qe}),...f(a,["input_state","meter"],{columns:U}),...f(a,["check_meter"],{feature:{type:"button"}})]),i=t.shared.flatMap(a=>[...f(a,["battery_first_soc","battery_helps_soc"],{feature:Ge}),...f(a,["battery_discharge"],{feature:qe})]),o=[...t.buses.flatMap(a=>[...f(a,["circuit_limit"],{feature:le}),...f(a,["total_current","total_power"],{columns:U})]),...t.shared.flatMap(a=>f(a,["ceiling_power","ceiling_current"],{columns:U}))],r=t.buses.flatMap(a=>f(a,["connected"])),l=ue([E(A(g(e,"surplus"),"mdi:solar-power-variant"),n),E(A(g(e,"battery"),"mdi:home-battery"),i),E(A(g(e,"fuse"),"mdi:fuse"),s.flatMap(Js)),E(A(g(e,"limits"),"mdi:speedometer"),o),...t.connectors.map(a=>E(A(a.name,"mdi:ev-station"),[...f(a,["minimum_current","priority"],{feature:le}),...f(a,["problem","last_heard","bus_quality","lifetime_energy"],{columns:U}),...f(a,["firmware_version","contactor_closings"],{columns:U})])),E(A(g(e,"condition"),"mdi:heart-pulse"),r)]);return{title:g(e,"view_house"),path:"house",icon:"mdi:home-lightning-bolt",type:"sections",max_columns:4,sections:l}}function Js({fuse:e,phases:t,entities:s}){return e===null?[]:(s.phases??[]).map((n,i)=>({type:"tile",entity:n,name:`L${i+1}`,grid_options:{columns:4},vertical:!0,...t[i]==null?{}:{features:[{type:"bar-gauge",min:0,max:e}]}}))}class Qs extends HTMLElement{static{this.registryDependencies=["entities","devices"]}static{this.noEditor=!0}static async generate(t,s){const n=ye(s),i=await Yt(s),o=js(s,n,i);return n.connectors.length===0?{views:[o]}:{views:[o,await Vs(s,n),Ys(s,n,i)]}}static getCreateSuggestions(){return{title:"Tesla Wall Connector",icon:"mdi:ev-station"}}}const dt="Tesla Wall Connector",$e="tesla-twc";lt(L,zs),lt(`ll-strategy-dashboard-${$e}`,Qs),ct("customCards",{type:L,name:dt,preview:!0,get description(){return te(he()).card_about},getEntitySuggestion:Is}),ct("customStrategies",{type:$e,strategyType:"dashboard",name:dt,get description(){return te(he()).dashboard_about}}),Rs(`custom:${$e}`);
